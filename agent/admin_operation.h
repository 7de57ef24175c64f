#pragma once

#include "agent/administration_text.h"
#include "agent/pkcs12_unpacking.h"
#include "agent/requester.h"
#include "base/secret.h"
#include "ipc/admin_types.h"
#include "ipc/server.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signet::agent {

// What a call takes, in the order in which a person is asked.
std::vector<ipc::AdminSecret> needed_secrets(ipc::AdminMethod method);
// What may be passed with it.
std::vector<ipc::AdminSecret> accepted_secrets(ipc::AdminMethod method);
// The secret that a PinIncorrect tells of.
ipc::AdminSecret refused_secret(const ipc::AdminCall& call, const ipc::TokenDetails& details);
bool changes_the_token(ipc::AdminMethod method);
// The PIN may be another now than the one that was cached.
bool changes_the_pin(const ipc::AdminCall& call);
// The list has the identity, the keys and the certificates that the token has by its own account.
bool tells_the_same(const ipc::Token& listed, const ipc::TokenDetails& details);
// Nobody knows whether a call that ended so has done its work.
bool may_have_happened(ErrorCode code);

// One call of org.signet.admin on its way.
struct AdminOperation {
    ipc::CallPointer call;
    ipc::AdminCall parameters;
    Requester requester;
    std::optional<ipc::TokenDetails> details;    // read when something has to be asked
    std::map<ipc::AdminSecret, Secret> secrets;  // in octets, as the host gets them
    std::set<ipc::AdminSecret> typed;            // of these, those that a person typed
    std::optional<Secret> chosen;                // a new secret that was typed once
    std::string refusal;                         // for the next prompt: why the last answer was not taken
    std::optional<UnpackedPkcs12> unpacked;      // with ImportKey
    bool unlocking = false;                      // the token was unlocked for it
    bool names_token = false;                    // the caller did, and means no other
    bool found_another = false;                  // it goes to another token than at first

    // Precondition: details.
    [[nodiscard]] AdminQuestion question(const ipc::Token& token, ipc::AdminSecret secret) const;

    // What the token would refuse whatever the person types. Precondition: details.
    [[nodiscard]] Result<void> check_possible() const;
    // It would be refused, and no try is left. Precondition: details.
    [[nodiscard]] bool is_blocked(ipc::AdminSecret secret) const;
    // It is typed at a reader with a pin pad: nobody is asked here.
    [[nodiscard]] bool is_typed_at_reader(ipc::AdminSecret secret) const;

    // Where the PIN is the authorization, nobody is asked for it twice.
    void share_pin();

    // Reads those that came with the call. invalid_parameter also where what must be passed is not.
    Result<void> take_passed_secrets();
    // malformed, with what to tell the person, for what cannot be it. A new one is wanted twice.
    Result<void> take_typed_secret(const AdminQuestion& question, const Secret& input);
    // It was refused: is to be asked for again, with this reason.
    void forget(ipc::AdminSecret secret, std::string reason);
    // It goes to this token instead: what was typed was for the other one.
    void go_to(const std::string& token);

    // What the host gets with a call; the indices in the call are set.
    Result<std::vector<FileDescriptor>> descriptors_for(ipc::AdminCall& forwarded);

    void fail(const Error& error) const;

  private:
    [[nodiscard]] Result<void> check_import() const;
    void keep(ipc::AdminSecret secret, Secret value);
};

}  // namespace signet::agent
