#include "pkcs11/module/object.h"

#include <algorithm>
#include <cstring>

namespace signet::module {
namespace {

bool is_sensitive(const Object& object, CK_ATTRIBUTE_TYPE type) {
    if (object.object_class != CKO_PRIVATE_KEY) {
        return false;
    }
    switch (type) {
        case CKA_VALUE:
        case CKA_PRIVATE_EXPONENT:
        case CKA_PRIME_1:
        case CKA_PRIME_2:
        case CKA_EXPONENT_1:
        case CKA_EXPONENT_2:
        case CKA_COEFFICIENT:
            return true;
        default:
            return false;
    }
}

std::optional<ByteView> value_of(const Object& object, CK_ATTRIBUTE_TYPE type) {
    if (type == CKA_VALUE && !object.value.empty()) {
        return object.value.expose();
    }
    const Bytes* value = object.attributes.find(type);
    return value != nullptr ? std::optional<ByteView>(*value) : std::nullopt;
}

CK_RV read_attribute(const Object& object, CK_ATTRIBUTE& attribute) {
    const auto value = value_of(object, attribute.type);
    if (!value) {
        attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
        return is_sensitive(object, attribute.type) ? CKR_ATTRIBUTE_SENSITIVE : CKR_ATTRIBUTE_TYPE_INVALID;
    }
    if (attribute.pValue == nullptr) {
        attribute.ulValueLen = value->size();
        return CKR_OK;
    }
    if (attribute.ulValueLen < value->size()) {
        attribute.ulValueLen = CK_UNAVAILABLE_INFORMATION;
        return CKR_BUFFER_TOO_SMALL;
    }
    std::copy(value->begin(), value->end(), static_cast<std::uint8_t*>(attribute.pValue));
    attribute.ulValueLen = value->size();
    return CKR_OK;
}

}  // namespace

void Attributes::set(CK_ATTRIBUTE_TYPE type, ByteView value) {
    m_values.emplace_back(type, Bytes(value.begin(), value.end()));
}

void Attributes::set_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    Bytes octets(sizeof value);
    std::memcpy(octets.data(), &value, sizeof value);
    m_values.emplace_back(type, std::move(octets));
}

void Attributes::set_flag(CK_ATTRIBUTE_TYPE type, bool value) {
    m_values.emplace_back(type, Bytes{static_cast<CK_BBOOL>(value ? CK_TRUE : CK_FALSE)});
}

const Bytes* Attributes::find(CK_ATTRIBUTE_TYPE type) const {
    const auto found = std::find_if(m_values.begin(), m_values.end(),
                                    [type](const auto& entry) { return entry.first == type; });
    return found != m_values.end() ? &found->second : nullptr;
}

CK_RV check_template(const CK_ATTRIBUTE* attributes, CK_ULONG count) {
    if (attributes == nullptr) {
        return count == 0 ? CKR_OK : CKR_ARGUMENTS_BAD;
    }
    const Template given(attributes, count);
    const bool sound = std::all_of(given.begin(), given.end(), [](const CK_ATTRIBUTE& attribute) {
        return attribute.pValue != nullptr || attribute.ulValueLen == 0;
    });
    return sound ? CKR_OK : CKR_ARGUMENTS_BAD;
}

std::optional<CK_ULONG> number_in(const CK_ATTRIBUTE& attribute) {
    CK_ULONG number = 0;
    if (attribute.pValue == nullptr || attribute.ulValueLen != sizeof number) {
        return std::nullopt;
    }
    std::memcpy(&number, attribute.pValue, sizeof number);
    return number;
}

const CK_ATTRIBUTE* find_attribute(Template attributes, CK_ATTRIBUTE_TYPE type) {
    const auto found = std::find_if(attributes.begin(), attributes.end(),
                                    [type](const CK_ATTRIBUTE& attribute) { return attribute.type == type; });
    return found != attributes.end() ? &*found : nullptr;
}

bool matches(const Object& object, Template wanted) {
    if (object.shown_by && find_attribute(wanted, *object.shown_by) == nullptr) {
        return false;
    }
    return std::all_of(wanted.begin(), wanted.end(), [&object](const CK_ATTRIBUTE& attribute) {
        const Bytes* value = object.attributes.find(attribute.type);
        const ByteView expected(static_cast<const std::uint8_t*>(attribute.pValue), attribute.ulValueLen);
        return value != nullptr && std::equal(value->begin(), value->end(), expected.begin(), expected.end());
    });
}

CK_RV read_attributes(const Object& object, std::span<CK_ATTRIBUTE> attributes) {
    CK_RV worst = CKR_OK;
    for (CK_ATTRIBUTE& attribute : attributes) {
        const CK_RV outcome = read_attribute(object, attribute);
        if (outcome != CKR_OK && worst != CKR_BUFFER_TOO_SMALL) {
            worst = outcome;
        }
    }
    return worst;
}

}  // namespace signet::module
