#pragma once

#include "base/environment.h"
#include "pkcs11/module/connections.h"
#include "pkcs11/module/inventory.h"
#include "pkcs11/module/sessions.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>

namespace signet::module {

// All that lives between C_Initialize and C_Finalize.
class Library {
  public:
    Connections connections;
    Inventory inventory{connections};
    Sessions sessions;

    // Where this program's person can be asked; read when first needed.
    const Environment& environment();

    // C_Finalize was called: whoever waits returns.
    void end();
    [[nodiscard]] bool ended();
    // Waits that long, or until the end.
    void wait_for_end(std::chrono::milliseconds time);

    void lock_for_fork();
    void unlock_after_fork();

  private:
    std::once_flag m_environment_read;
    Environment m_environment;
    std::mutex m_mutex;
    std::condition_variable m_end;
    bool m_ended = false;
};

// Null before C_Initialize, after C_Finalize, and in a child of fork() until it initialises by itself.
std::shared_ptr<Library> current_library();
CK_RV initialize_library();
CK_RV finalize_library();

// The body of an entry point: `use(library)` returns a CK_RV. Exceptions end here.
template <class Use>
CK_RV with_library(Use use) noexcept {
    try {
        const auto library = current_library();
        return library != nullptr ? use(*library) : CKR_CRYPTOKI_NOT_INITIALIZED;
    } catch (const std::bad_alloc&) {
        return CKR_HOST_MEMORY;
    } catch (...) {
        return CKR_GENERAL_ERROR;
    }
}

}  // namespace signet::module
