#pragma once

#include "base/token_terms.h"
#include "pkcs11/driver/session.h"
#include "token/private_key.h"

#include <deque>
#include <string>

namespace signet::pkcs11 {

// Attributes with the values that they point to. Values that may be secret are wiped when it goes.
class Template {
  public:
    Template() = default;
    ~Template();
    Template(const Template&) = delete;
    Template& operator=(const Template&) = delete;

    void add(CK_ATTRIBUTE_TYPE type, ByteView value);
    void add_flag(CK_ATTRIBUTE_TYPE type, bool value);
    void add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);

    [[nodiscard]] CK_ATTRIBUTE* data() { return m_attributes.data(); }
    [[nodiscard]] CK_ULONG size() const { return m_attributes.size(); }

  private:
    std::deque<Bytes> m_values;  // which stay where they are
    std::vector<CK_ATTRIBUTE> m_attributes;
};

struct KeyName {
    Bytes id;
    std::string label;
    bool always_authenticate = false;
};

struct KeyPair {
    CK_OBJECT_HANDLE public_key = 0;
    CK_OBJECT_HANDLE private_key = 0;
};

// C_GenerateKeyPair. unsupported: the module makes no such keys.
Result<KeyPair> generate_pair(const Session& session, KeyAlgorithm algorithm, const KeyName& name);
// C_CreateObject for both halves, or for neither.
Result<KeyPair> create_pair(const Session& session, const token::PrivateKey& key, const KeyName& name);
Result<CK_OBJECT_HANDLE> create_certificate(const Session& session, ByteView der, const KeyName& name);

Result<token::PublicKey> read_public_key(const Session& session, CK_OBJECT_HANDLE object);

}  // namespace signet::pkcs11
