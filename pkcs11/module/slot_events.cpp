// PKCS#11 section 5.5: C_WaitForSlotEvent.
#include "pkcs11/module/library.h"

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

// How often a waiting program looks whether an agent has appeared. Nothing is polled while there is one.
constexpr auto agent_search_interval = std::chrono::seconds(1);

// Waits until the agent reports a change; false when there is no agent, when it went away, and at the
// library's end.
bool wait_for_report(Library& library) {
    const auto lease = library.connections.open();
    if (!lease) {
        return false;
    }
    (*lease)->use_up();
    signet::ipc::Client& client = (*lease)->client();
    if (library.ended() || !client.call_more("org.signet.agent.Watch", "{}")) {
        return false;
    }
    // The first answer comes at once. What changed before it is found by looking; what changes later is the
    // second.
    if (!client.next_reply()) {
        return false;
    }
    return library.inventory.has_change() || client.next_reply().has_value();
}

}  // namespace

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID* slot, void* reserved) {
    return with_library([=](Library& library) -> CK_RV {
        if (slot == nullptr || reserved != nullptr) {
            return CKR_ARGUMENTS_BAD;
        }
        for (bool connected = true;;) {
            if (const auto changed = library.inventory.next_change()) {
                *slot = *changed;
                return CKR_OK;
            }
            if ((flags & CKF_DONT_BLOCK) != 0) {
                return CKR_NO_EVENT;
            }
            if (!connected) {
                library.wait_for_end(agent_search_interval);
            }
            connected = wait_for_report(library);
            if (library.ended()) {
                return CKR_CRYPTOKI_NOT_INITIALIZED;
            }
        }
    });
}
