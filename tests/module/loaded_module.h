#pragma once

#include "pkcs11/module/cryptoki.h"
#include "tests/module/fake_agent.h"
#include "tests/support/temporary_directory.h"

#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace signet::test {

// signet-pkcs11.so as a program has it: loaded with dlopen().
CK_FUNCTION_LIST& module_functions();

// Values for attributes of a template; the template points into it.
class Wanted {
  public:
    Wanted() = default;
    Wanted(Wanted&&) = default;
    Wanted& operator=(Wanted&&) = default;

    Wanted& number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
    Wanted& flag(CK_ATTRIBUTE_TYPE type, bool value);
    Wanted& octets(CK_ATTRIBUTE_TYPE type, Bytes value);
    [[nodiscard]] CK_ATTRIBUTE* data() { return m_attributes.data(); }
    [[nodiscard]] CK_ULONG size() const { return m_attributes.size(); }

  private:
    std::list<Bytes> m_values;
    std::vector<CK_ATTRIBUTE> m_attributes;
};

// An initialised module before a fake agent.
class ModuleTest : public ::testing::Test {
  protected:
    ModuleTest();
    ~ModuleTest() override;

    CK_SESSION_HANDLE open(CK_SLOT_ID slot = 0);
    std::vector<CK_OBJECT_HANDLE> find(CK_SESSION_HANDLE session, Wanted wanted = {});
    // The only one of this class (and label).
    CK_OBJECT_HANDLE find_one(CK_SESSION_HANDLE session, CK_OBJECT_CLASS object_class,
                              const std::string& label = {});
    CK_OBJECT_HANDLE find_key_of_type(CK_SESSION_HANDLE session, CK_KEY_TYPE type);
    std::optional<Bytes> attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                                   CK_ATTRIBUTE_TYPE type);
    CK_ULONG number(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

    // C_SignInit and C_Sign; the return value of the first that fails.
    CK_RV sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, ByteView data,
               Bytes& signature);
    CK_RV decrypt(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_MECHANISM mechanism, Bytes ciphertext,
                  Bytes& plaintext);

    TemporaryDirectory folder;
    FakeAgent agent{folder / "agent.sock"};
    CK_FUNCTION_LIST& module = module_functions();
};

inline Bytes bytes_of(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
}

}  // namespace signet::test
