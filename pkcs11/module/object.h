#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "ipc/types.h"
#include "pkcs11/module/cryptoki.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet::module {

// The attributes of one object, each with its value as the caller gets it.
class Attributes {
  public:
    void set(CK_ATTRIBUTE_TYPE type, ByteView value);
    void set_text(CK_ATTRIBUTE_TYPE type, std::string_view value) { set(type, as_bytes(value)); }
    void set_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
    void set_flag(CK_ATTRIBUTE_TYPE type, bool value);

    // Null when the object has no such attribute.
    [[nodiscard]] const Bytes* find(CK_ATTRIBUTE_TYPE type) const;

  private:
    std::vector<std::pair<CK_ATTRIBUTE_TYPE, Bytes>> m_values;
};

struct Object {
    CK_OBJECT_HANDLE handle = 0;
    CK_OBJECT_CLASS object_class = 0;
    Attributes attributes;
    // Searches find it only when their template names an attribute of this type.
    std::optional<CK_ATTRIBUTE_TYPE> shown_by = std::nullopt;
    const ipc::Key* key = nullptr;  // of private and public keys
    Secret value;                   // CKA_VALUE of a derived secret key
};

using Template = std::span<const CK_ATTRIBUTE>;

// CKR_ARGUMENTS_BAD for a null pointer where there should be attributes or their values.
CK_RV check_template(const CK_ATTRIBUTE* attributes, CK_ULONG count);
// The number that `attribute` holds, or nothing when it has another length.
std::optional<CK_ULONG> number_in(const CK_ATTRIBUTE& attribute);
const CK_ATTRIBUTE* find_attribute(Template attributes, CK_ATTRIBUTE_TYPE type);

// Whether C_FindObjects finds the object with this template.
bool matches(const Object& object, Template wanted);

// C_GetAttributeValue (PKCS#11 section 5.7): answers every attribute that it can, and returns the worst
// outcome.
CK_RV read_attributes(const Object& object, std::span<CK_ATTRIBUTE> attributes);

}  // namespace signet::module
