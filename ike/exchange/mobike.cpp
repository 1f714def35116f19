// SPDX-License-Identifier: Apache-2.0
#include "ike/exchange/mobike.h"

#include <algorithm>
#include <utility>

#include "ike/child_lifecycle.h"
#include "ike/connections.h"
#include "ike/demand.h"
#include "ike/held_traffic.h"
#include "ike/nat.h"
#include "ike/relocation.h"
#include "ike/sealed_message.h"
#include "ike/tasks.h"
#include "ike/teardown.h"
#include "ike/wire/writer.h"

namespace xfrmd::ike::mobike {

namespace {

// Of the further addresses that a peer may name.
constexpr std::size_t kPeerAddressesMax = 8;
constexpr std::size_t kCookieOctets = 16;  // RFC 4555 §4.2.5: 8 to 64
// RFC 4555 §3.9: somebody may have changed a single packet.
constexpr std::uint32_t kNatsSeenMax = 5;

bool decides(const IkeSa& sa) { return sa.mobility.in_use && sa.origin.role == Role::Initiator; }

bool is_usable(const xfrm::Address& address) {
    return !address.is_unspecified() && !address.is_multicast() && !address.is_link_local();
}

Bytes fresh_cookie(Core& core) {
    Bytes cookie(kCookieOctets);
    core.rng.randomize(cookie.data(), cookie.size());
    return cookie;
}

bool returns_cookie(std::span<const Notify> answer, const Bytes& cookie) {
    const Notify* returned = find_notify(answer, NotifyType::Cookie2);
    return returned != nullptr && equal_in_constant_time(returned->data, cookie);
}

// RFC 4555 §3.7: the answer was not made for our question.
void close_for_wrong_cookie(Core& core, IkeSa& sa) {
    close_gracefully(core, sa, Reason::Unexpected, "the peer does not return the cookie it was given (RFC 4555)");
}

void push_front(IkeSa& sa, Task task) {
    std::erase_if(sa.tasks, [&](const Task& waiting) { return waiting.index() == task.index(); });
    sa.tasks.push_front(std::move(task));
}

// ---- further addresses

bool is_about_addresses(const Notify& notify) {
    return notify.type == NotifyType::AdditionalIp4Address || notify.type == NotifyType::AdditionalIp6Address ||
           notify.type == NotifyType::NoAdditionalAddresses;
}

// RFC 4555 §3.6: the list replaces the one before. What cannot be an address of a host is passed over. False without a list.
bool learn_addresses(IkeSa& sa, std::span<const Notify> notifies) {
    if (std::ranges::none_of(notifies, is_about_addresses)) return false;
    std::vector<xfrm::Address>& known = sa.mobility.peer_addresses;
    known.clear();
    for (const Notify& notify : notifies) {
        if (!is_about_addresses(notify) || notify.type == NotifyType::NoAdditionalAddresses) continue;
        const auto address = read_additional_address(notify);
        if (address && is_usable(*address) && known.size() < kPeerAddressesMax) known.push_back(*address);
    }
    return true;
}

void say_addresses(const std::vector<xfrm::Address>& addresses, std::vector<Notify>& notifies) {
    if (addresses.empty()) notifies.push_back(make_notify(NotifyType::NoAdditionalAddresses));
    for (const xfrm::Address& address : addresses) notifies.push_back(make_additional_address(address));
}

// ---- NATs

bool has_nat_detection(std::span<const Notify> notifies) {
    return find_notify(notifies, NotifyType::NatDetectionSourceIp) != nullptr;
}

std::vector<Notify> nat_detection(const IkeSa& sa, const Path& path) {
    return nat_detection_notifies(sa.initiator_spi, sa.responder_spi, path);
}

// Whom the peer takes us for; nothing if it does not say.
Bytes seen_as(std::span<const Notify> notifies) {
    const Notify* notify = find_notify(notifies, NotifyType::NatDetectionDestinationIp);
    return notify != nullptr ? notify->data : Bytes{};
}

// RFC 4555 §3.5: each path has its own NATs. Linux does not take ESP out of UDP again: new children do without.
void learn_nat(Core& core, IkeSa& sa, const Path& path, std::span<const Notify> notifies) {
    if (!has_nat_detection(notifies)) return;
    sa.nat = detect_nat(notifies, sa.initiator_spi, sa.responder_spi, path);
    IkeSa& holder = children_holder(core, sa);
    holder.nat = sa.nat;
    bring_children_along(core, holder);
    if (sa.nat.any()) return;
    std::vector<xfrm::EspSpi> in_udp;
    for (const ChildSa& child : holder.children)
        if (child.encapsulated && child.phase == ChildPhase::Active) in_udp.push_back(child.inbound.spi);
    for (const xfrm::EspSpi inbound : in_udp) {
        if (decides(sa))
            enqueue(core, holder, task::RekeyChild{inbound});
        else
            rekey_soon(core, holder, inbound);
    }
}

// RFC 4555 §4.2.6: both ends of the packet, as its sender has them.
Bytes untranslated(const xfrm::Endpoint& source, const xfrm::Endpoint& destination) {
    Writer out;
    out.bytes(source.address.octets());
    out.bytes(destination.address.octets());
    out.u16(source.port);
    out.u16(destination.port);
    return std::move(out).finish();
}

// What a message that tells of addresses says of NATs: where they are, or that there must be none.
void say_of_nats(const IkeSa& sa, const Connection& wanted, const Path& path, std::vector<Notify>& notifies) {
    if (wanted.nat_traversal)
        std::ranges::move(nat_detection(sa, path), std::back_inserter(notifies));
    else
        notifies.push_back(make_notify(NotifyType::NoNatsAllowed, untranslated(path.local, path.remote)));
}

// ---- the responder

bool is_acceptable(Core& core, const IkeSa& sa, const Path& path) {
    const ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr || !is_usable(path.remote.address)) return false;
    return path.local.address == sa.path.local.address || !connection->wanted->local_fixed;
}

// Messages go there at once, children once something has come back from there.
void relocate_on_probation(Core& core, IkeSa& sa, const Path& path) {
    const bool same_addresses =
        path.local.address == sa.path.local.address && path.remote.address == sa.path.remote.address;
    if (!same_addresses && !sa.former_path) sa.former_path = sa.path;
    relocate(core, sa, path);
}

// Something has.
void confirm_path(Core& core, IkeSa& sa) {
    if (!sa.former_path) return;
    sa.former_path.reset();
    IkeSa& holder = children_holder(core, sa);
    holder.former_path.reset();
    bring_children_along(core, holder);
}

bool has_forbidden_nat(Core& core, const IkeSa& sa, const Path& path, std::span<const Notify> notifies) {
    const Connection* wanted = core.wanted_of(sa);
    return wanted != nullptr && !wanted->nat_traversal &&
           detect_nat(notifies, sa.initiator_spi, sa.responder_spi, path).any();
}

// RFC 4555 §3.5
std::optional<NotifyType> take_update(Core& core, IkeSa& sa, const Path& path, std::span<const Notify> notifies) {
    if (has_forbidden_nat(core, sa, path, notifies)) return NotifyType::UnacceptableAddresses;
    // Who did not begin the first of these IKE SAs has no say in it.
    if (sa.origin.role == Role::Initiator || !is_acceptable(core, sa, path))
        return NotifyType::UnacceptableAddresses;
    relocate_on_probation(core, sa, path);
    learn_nat(core, sa, path, notifies);
    if (sa.former_path) push_front(sa, task::CheckReturn{});
    return std::nullopt;
}

// RFC 4555 §3.6: the address that we send to is none of the responder's any more. It is where its message came from, if it
// answers from there: the message itself does not vouch for that.
void follow_responder(Core& core, IkeSa& sa, const Path& path) {
    const xfrm::Address& remote = sa.path.remote.address;
    if (path.remote.address == remote || !is_usable(path.remote.address) ||
        std::ranges::contains(sa.mobility.peer_addresses, remote))
        return;
    Path there = sa.path;
    there.local.address = path.local.address;
    there.remote = path.remote;
    relocate_on_probation(core, sa, there);
    push_front(sa, task::TellPath{});
}

// What a request says of where the peer is, and where it wants to be; the notification says why not.
std::optional<NotifyType> take_in(Core& core, IkeSa& sa, const Path& path, std::span<const Notify> notifies) {
    const bool has_list = learn_addresses(sa, notifies);
    if (has_list && decides(sa)) follow_responder(core, sa, path);
    if (find_notify(notifies, NotifyType::UpdateSaAddresses) == nullptr) return std::nullopt;
    return take_update(core, sa, path, notifies);
}

// One question at a time, however often the network changes.
void find_source(Core& core, ManagedConnection& connection) {
    connection.look_again = connection.finding_source;
    if (std::exchange(connection.finding_source, true)) return;
    core.request_kernel({SourceOf{connection.wanted->name}, {}, false, {}}, xfrm::FindSource{connection.remote});
}

}  // namespace

// ---- in IKE_AUTH -----------------------------------------------------------------------------------------------

void announce(const Connection& wanted, const Path& path, std::vector<Notify>& notifies) {
    if (!wanted.mobike) return;
    notifies.push_back(make_notify(NotifyType::MobikeSupported));
    say_addresses(wanted.additional_addresses, notifies);
    if (!wanted.nat_traversal)
        notifies.push_back(make_notify(NotifyType::NoNatsAllowed, untranslated(path.local, path.remote)));
}

bool is_translated(const Path& path, std::span<const Notify> notifies) {
    const Notify* forbids = find_notify(notifies, NotifyType::NoNatsAllowed);
    return forbids != nullptr && forbids->data != untranslated(path.remote, path.local);
}

void agree(IkeSa& sa, const Connection& wanted, std::span<const Notify> notifies) {
    sa.mobility.in_use = wanted.mobike && find_notify(notifies, NotifyType::MobikeSupported) != nullptr;
    if (sa.mobility.in_use) learn_addresses(sa, notifies);
}

// ---- where we are, and where the peer is -----------------------------------------------------------------------

void remember_peer(Core& core, const IkeSa& sa) {
    ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr || !sa.mobility.in_use) return;
    std::vector<xfrm::Address> known{sa.path.remote.address};
    std::ranges::copy(sa.mobility.peer_addresses, std::back_inserter(known));
    const auto is_elsewhere = [&](const xfrm::Address& address) {
        return address != connection->wanted->remote && address.family() == connection->wanted->local.family();
    };
    std::vector<xfrm::Address> elsewhere;
    std::ranges::copy_if(known, std::back_inserter(elsewhere), is_elsewhere);
    remember_remotes(core, *connection, std::move(elsewhere));
}

void network_changed(Core& core) {
    for (auto& [name, connection] : core.connections)
        if (connection.wanted->mobike && !connection.wanted->local_fixed && !waits_for_address(*connection.wanted))
            find_source(core, connection);
}

void on_source(Core& core, const std::string& name, const xfrm::KernelResult& result) {
    ManagedConnection* connection = core.find_connection(name);
    if (connection == nullptr) return;
    connection->finding_source = false;
    if (std::exchange(connection->look_again, false)) return find_source(core, *connection);
    // Without a way to the peer there is nothing to do before the network changes again.
    const auto* source = result ? std::get_if<xfrm::Address>(&*result) : nullptr;
    if (source == nullptr || *source == connection->next_local.value_or(connection->local)) return;
    IkeSa* sa = current_ike_sa(core, *connection);
    if (sa == nullptr || !decides(*sa)) {
        set_local_end(core, *connection, *source);
        if (sa == nullptr || !sa->mobility.in_use) return;
        push_front(*sa, task::TellAddresses{});
        return begin_next_task(core, *sa);
    }
    Path path = sa->path;
    path.local.address = *source;
    move(core, *sa, path);
}

// ---- the initiator decides -------------------------------------------------------------------------------------

void move(Core& core, IkeSa& sa, const Path& path) {
    relocate(core, sa, path);
    if (const auto& outstanding = sa.outbound.outstanding()) core.transmit(sa.path, outstanding->datagrams);
    push_front(sa, task::TellPath{});
    begin_next_task(core, sa);
}

std::vector<Path> other_paths(const IkeSa& sa) {
    std::vector<Path> paths;
    // Whether an address returns something is found out by what comes back from there.
    const bool checks_return = sa.outgoing && std::holds_alternative<outgoing::CheckingReturn>(*sa.outgoing);
    if (!sa.mobility.in_use || checks_return) return paths;
    const auto add = [&](const xfrm::Endpoint& remote) {
        Path path = sa.path;
        path.local.address = xfrm::Address::any(remote.address.family());
        path.remote = remote;
        if (!std::ranges::contains(paths, path)) paths.push_back(path);
    };
    const auto add_address = [&](const xfrm::Address& remote) { add({remote, sa.path.remote.port}); };
    add(sa.path.remote);
    if (sa.former_path) add_address(sa.former_path->remote.address);
    // Its NAT may have forgotten it, and have it elsewhere now.
    if (sa.mobility.heard_from) add(*sa.mobility.heard_from);
    if (sa.esp_remote) add(*sa.esp_remote);
    for (const xfrm::Address& remote : sa.mobility.peer_addresses) add_address(remote);
    return paths;
}

void answered_over(Core& core, IkeSa& sa, const Path& path) {
    if (!decides(sa) || !sa.is_current() || path == sa.path || path.encapsulated != sa.path.encapsulated) return;
    const auto was_tried = [&](const Path& tried) { return tried.remote == path.remote; };
    const auto tried = other_paths(sa);
    if (std::ranges::none_of(tried, was_tried)) return;
    if (sa.former_path && sa.former_path->remote.address == path.remote.address) sa.former_path.reset();  // it is there after all
    move(core, sa, path);
}

void tell_path(Core& core, IkeSa& sa) {
    const Connection* wanted = core.wanted_of(sa);
    if (wanted == nullptr) return;
    std::vector<Notify> notifies{make_notify(NotifyType::UpdateSaAddresses)};
    say_of_nats(sa, *wanted, sa.path, notifies);
    say_addresses(wanted->additional_addresses, notifies);
    // RFC 4555 §3.7: nobody on another path can have answered.
    const Bytes cookie = fresh_cookie(core);
    notifies.push_back(make_notify(NotifyType::Cookie2, cookie));
    sa.outgoing = outgoing::TellingPath{sa.path, cookie};
    send_request(core, sa, ExchangeType::Informational, std::vector<Payload>{notifies.begin(), notifies.end()});
}

void check_return(Core& core, IkeSa& sa) {
    if (!sa.former_path) return;
    const Bytes cookie = fresh_cookie(core);
    sa.outgoing = outgoing::CheckingReturn{sa.path, cookie};
    send_request(core, sa, ExchangeType::Informational,
                 std::array<Payload, 1>{make_notify(NotifyType::Cookie2, cookie)});
}

// RFC 4555 §3.6: where it is has changed by itself, and the other side decides what follows from that. The path that the IKE SA
// has until then may be gone: the request goes over the others at once.
void tell_addresses(Core& core, IkeSa& sa) {
    const ManagedConnection* connection = core.connection_of(sa);
    if (connection == nullptr) return;
    std::vector<xfrm::Address> addresses = connection->wanted->additional_addresses;
    Path here = sa.path;
    here.local.address = connection->next_local.value_or(sa.path.local.address);
    if (here != sa.path) addresses.insert(addresses.begin(), here.local.address);
    std::vector<Notify> notifies;
    say_addresses(addresses, notifies);
    if (!connection->wanted->nat_traversal) say_of_nats(sa, *connection->wanted, here, notifies);
    sa.outgoing = outgoing::Asking{};
    send_request(core, sa, ExchangeType::Informational, std::vector<Payload>{notifies.begin(), notifies.end()});
    for (const Path& other : other_paths(sa)) core.transmit(other, sa.outbound.outstanding()->datagrams);
}

void on_path_told(Core& core, IkeSa& sa, const outgoing::TellingPath& told, const Path& path,
                  std::span<const Notify> answer) {
    if (!returns_cookie(answer, told.cookie)) return close_for_wrong_cookie(core, sa);
    // RFC 4555 §3.5: moved since, and the peer is told anew. Until then it takes for a NAT that the request spoke of another path than
    // it came over, and does not take ESP out of UDP again: neither do we.
    if (told.path != sa.path) return learn_nat(core, sa, told.path, answer);
    const Notify* error = find_error(answer);
    if (error != nullptr && error->type == NotifyType::UnexpectedNatDetected && ++sa.mobility.nats_seen < kNatsSeenMax)
        return push_front(sa, task::TellPath{});
    if (error != nullptr)
        return close_gracefully(core, sa, Reason::PathRefused,
                                "the peer does not follow to " + sa.path.local.to_string() +
                                    (error->type == NotifyType::UnexpectedNatDetected ? ": something translates our address on the way" : ""));
    sa.mobility.nats_seen = 0;
    learn_addresses(sa, answer);
    confirm_path(core, sa);
    // An answer comes from where the question went. If not, somebody has passed it on, who may have changed no more than its source.
    if (path.remote == told.path.remote) learn_nat(core, sa, path, answer);
    sa.mobility.seen_as = seen_as(answer);
}

void on_return_checked(Core& core, IkeSa& sa, const outgoing::CheckingReturn& checked, std::span<const Notify> answer) {
    if (!returns_cookie(answer, checked.cookie)) return close_for_wrong_cookie(core, sa);
    // Moved since: that path is checked next.
    if (checked.path == sa.path) confirm_path(core, sa);
}

bool return_to_former_path(Core& core, IkeSa& sa) {
    if (!sa.outgoing || !sa.former_path) return false;
    const Path former = *sa.former_path;
    if (auto* checking = std::get_if<outgoing::CheckingReturn>(&*sa.outgoing)) {
        checking->path = former;
    } else if (auto* telling = std::get_if<outgoing::TellingPath>(&*sa.outgoing)) {
        telling->path = former;
        push_front(sa, task::TellPath{});  // what it says of NATs is about the other path
    } else {
        return false;
    }
    sa.former_path.reset();
    relocate(core, sa, former);
    return true;
}

// ---- liveness --------------------------------------------------------------------------------------------------

std::vector<Payload> liveness_payloads(const IkeSa& sa) {
    if (!decides(sa)) return {};
    const auto notifies = nat_detection(sa, sa.path);
    return {notifies.begin(), notifies.end()};
}

void on_liveness(IkeSa& sa, std::span<const Notify> answer) {
    Bytes seen = seen_as(answer);
    if (!decides(sa) || seen.empty() || seen == sa.mobility.seen_as) return;
    // A NAT may have given us another port before the first of these checks, too.
    const bool may_have_changed = sa.nat.local || !sa.mobility.seen_as.empty();
    sa.mobility.seen_as = std::move(seen);
    // The peer must send to another address or port of our NAT, but may not find that out by itself.
    if (may_have_changed) push_front(sa, task::TellPath{});
}

// ---- the peer's INFORMATIONAL ----------------------------------------------------------------------------------

std::vector<Payload> on_request(Core& core, IkeSa& sa, const Path& path, std::span<const Notify> notifies) {
    std::vector<Payload> answer;
    if (!sa.mobility.in_use || !sa.is_established()) return answer;
    if (is_translated(path, notifies))
        answer.emplace_back(make_notify(NotifyType::UnexpectedNatDetected));
    else if (const auto refusal = take_in(core, sa, path, notifies))
        answer.emplace_back(make_notify(*refusal));
    if (has_nat_detection(notifies)) std::ranges::move(nat_detection(sa, path), std::back_inserter(answer));
    // RFC 4555 §3.7: back as it is; one of a wrong length is none.
    if (const Notify* cookie = find_notify(notifies, NotifyType::Cookie2); cookie != nullptr && read_cookie(*cookie))
        answer.emplace_back(make_notify(NotifyType::Cookie2, cookie->data));
    return answer;
}

}  // namespace xfrmd::ike::mobike
