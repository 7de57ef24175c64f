#pragma once

#include "base/result.h"
#include "pkcs11/driver/cryptoki.h"

#include <memory>
#include <string>
#include <vector>

namespace signet::pkcs11 {

// A loaded and initialised PKCS#11 module. It stays loaded until the process ends: threads may be inside it.
class Module {
  public:
    static Result<Module> load(const std::string& path);

    [[nodiscard]] CK_FUNCTION_LIST& functions() const { return *m_functions; }
    // The module took CKF_OS_LOCKING_OK: several threads may be inside it.
    [[nodiscard]] bool thread_safe() const { return m_thread_safe; }

    // Slots with a token in them.
    [[nodiscard]] Result<std::vector<CK_SLOT_ID>> slots() const;

  private:
    Module(CK_FUNCTION_LIST& functions, bool thread_safe)
        : m_functions(&functions), m_thread_safe(thread_safe) {}

    CK_FUNCTION_LIST* m_functions;
    bool m_thread_safe;
};

}  // namespace signet::pkcs11
