// SPDX-License-Identifier: Apache-2.0
// The Linux kernel as the daemon and the tools use it: KernelRequests in, results and events out.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "netlink/model/kernel.h"
#include "netlink/route.h"

namespace xfrmd::netlink {

// Needs CAP_NET_ADMIN in the user namespace of the network namespace it is opened in. One thread.
//
// What a request guarantees:
// - InstallSas: all or none. On refusal everything it added is removed again, last first, together
//   with the larval SAs of `reserved`. A reservation that lapsed meanwhile
//   (net.core.xfrm_acq_expires) is no refusal: the SA is installed anew, unless somebody else took
//   its SPI.
// - InstallPolicies: all or none. With `replace`, each policy is overwritten in one step (there is
//   never a moment without one); on refusal the former policies are put back as they were, index
//   included, but for their counters and times, which start anew, and the others are removed. A
//   policy that somebody else changes between the reading of the former one and its replacement
//   is restored as it was read.
// - RemoveSas, RemovePolicies: every one is tried; the result is the first real error.
//
// If undoing fails too, the error's text says so. If the kernel's answers are lost (ENOBUFS), the
// requests they were for end with that error after undoing what may have been done, and
// on_events() gives a Resync.
class Kernel {
  public:
    using Token = std::uint64_t;
    using Completed = std::vector<std::pair<Token, xfrm::KernelResult>>;

    // Opens the sockets in the calling thread's network namespace. The error says in words what is
    // missing: CAP_NET_ADMIN, CONFIG_XFRM_USER.
    static std::expected<Kernel, xfrm::KernelError> open();
    Kernel(Kernel&&) noexcept;
    Kernel& operator=(Kernel&&) noexcept;
    ~Kernel();

    // Poll all three for reading (level-triggered). The first answers with on_readable(), the
    // others with on_events().
    int request_fd() const;
    int event_fd() const;        // XFRM: acquires, expiries, mappings
    int route_event_fd() const;  // addresses, routes

    // Hands the request to the kernel and returns at once. Requests do not wait for each other;
    // those that one message each suffices for (AllocateSpi, QuerySa, Remove…) take effect in the
    // order of submission, but a request that must follow the end of another is submitted after
    // that one's result.
    void submit(Token token, xfrm::KernelRequest request);
    // The requests that are complete, each once. Never blocks. The kernel works through most of
    // them within submit(), so it may be worth a look before the descriptor has told.
    Completed on_readable();
    // True if answers were lost: on_events() tells, and no descriptor does.
    bool lost_answers() const;
    // What happened since, oldest first within XFRM and within routing. Never blocks; a bounded
    // number per call, the descriptors stay readable while there are more.
    std::vector<xfrm::KernelEvent> on_events();

    // For start-up and tools: carries out one request on a socket of its own,
    // opened in the calling thread's network namespace, and waits for its end. ETIMEDOUT if the
    // kernel says nothing for so long; what became of the request is then unknown.
    xfrm::KernelResult run(xfrm::KernelRequest request,
                           std::chrono::milliseconds timeout = std::chrono::seconds{10});

    // The functions of netlink/routing.h.
    std::expected<std::vector<OwnAddress>, xfrm::KernelError> own_addresses();
    std::expected<Route, xfrm::KernelError> route_to(
        const xfrm::Address& destination, const std::optional<xfrm::Address>& source = {});

  private:
    struct Sockets;
    explicit Kernel(std::unique_ptr<Sockets> sockets);
    xfrm::KernelResult source_towards(const xfrm::Address& destination);
    std::unique_ptr<Sockets> sockets_;
};

}  // namespace xfrmd::netlink
