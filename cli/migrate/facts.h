// SPDX-License-Identifier: Apache-2.0
// What a conversion has to know of the host besides the text of its files. Gathered by `inputs`, or
// made up by a test.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace xfrmd::migrate {

// A certificate of ours with its key, or one that a peer is pinned to.
struct CertificateFact {
    std::string problem;               // why it cannot be used, a sentence; empty: it can
    std::string subject;               // RFC 4514 text
    std::vector<std::string> names;    // every identity in it, as peer.id and local_id are written
    bool is_authority = false;         // it can stand in a trust
    bool service_cannot_read = false;  // the key, since it belongs to another user than xfrmd's
};

// A folder of `path certificate`: OpenSSL's links, <hash>.0 for certificates, <hash>.r0 for
// revocation lists.
struct FolderFact {
    std::string path;
    std::string problem;                   // why it cannot be read; empty: it can
    std::vector<std::string> authorities;  // the files that the links lead to, each once
    std::vector<std::string> crls;
};

// Other tools that write racoon.conf and policies.
struct FrontEnd {
    std::string file;
    std::string what;            // "the configuration of Debian's racoon-tool"
    std::string action;          // what to do with it
    bool says_something = true;  // false: it defines nothing
};

struct Facts {
    // By absolute path.
    std::map<std::string, CertificateFact> certificates;
    std::optional<FolderFact> folder;
    std::vector<FrontEnd> front_ends;
    // Of psk.txt; nothing if there is none.
    std::optional<unsigned> psk_mode;
    // Where racoon.conf says that it is, if it is not there.
    std::string psk_missing;
    // Where secrets will be: an absolute path.
    std::string secrets_folder = "/etc/xfrmd";
    // Where racoon.conf is: relative paths without a `path certificate` begin there.
    std::string racoon_folder = "/etc/racoon";
    // /etc/services and /etc/protocols.
    std::function<std::optional<std::uint16_t>(const std::string& name,
                                               const std::string& protocol)>
        service;
    std::function<std::optional<std::uint8_t>(const std::string& name)> protocol;
    // xfrmd's own word on an identity: nothing if it takes the text, otherwise a sentence.
    std::function<std::optional<std::string>(const std::string& text)> refuses_identity;
};

}  // namespace xfrmd::migrate
