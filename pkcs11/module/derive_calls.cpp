// PKCS#11 section 5.13: C_DeriveKey, which makes a secret key in the session that the caller can read: the
// derived secret is the caller's, the private key stays on the token.
#include "ipc/codec.h"
#include "pkcs11/module/key_use.h"
#include "pkcs11/module/token_objects.h"

#include <algorithm>
#include <array>

using namespace signet::module;  // NOLINT(google-build-using-namespace): the C functions are ours

namespace {

using signet::ByteView;
using signet::Secret;

// What the module says of a derived key whatever the template says.
constexpr std::array fixed_attributes{CKA_CLASS,
                                      CKA_TOKEN,
                                      CKA_PRIVATE,
                                      CKA_SENSITIVE,
                                      CKA_EXTRACTABLE,
                                      CKA_ALWAYS_SENSITIVE,
                                      CKA_NEVER_EXTRACTABLE,
                                      CKA_VALUE,
                                      CKA_VALUE_LEN,
                                      CKA_LOCAL};
constexpr std::size_t max_attribute_size = 1024;

bool flag_is(Template attributes, CK_ATTRIBUTE_TYPE type, CK_BBOOL value) {
    const CK_ATTRIBUTE* found = find_attribute(attributes, type);
    return found != nullptr && found->pValue != nullptr && found->ulValueLen == sizeof(CK_BBOOL) &&
           *static_cast<const CK_BBOOL*>(found->pValue) == value;
}

CK_RV check_wanted_key(Template attributes) {
    const CK_ATTRIBUTE* object_class = find_attribute(attributes, CKA_CLASS);
    if (object_class != nullptr && number_in(*object_class) != CKO_SECRET_KEY) {
        return CKR_TEMPLATE_INCONSISTENT;
    }
    if (flag_is(attributes, CKA_TOKEN, CK_TRUE)) {
        return CKR_TOKEN_WRITE_PROTECTED;
    }
    const bool hides =
        flag_is(attributes, CKA_SENSITIVE, CK_TRUE) || flag_is(attributes, CKA_EXTRACTABLE, CK_FALSE);
    const bool oversized =
        std::any_of(attributes.begin(), attributes.end(),
                    [](const CK_ATTRIBUTE& attribute) { return attribute.ulValueLen > max_attribute_size; });
    return hides || oversized ? CKR_TEMPLATE_INCONSISTENT : CKR_OK;
}

Outcome<std::optional<CK_ULONG>> wanted_length(Template attributes) {
    const CK_ATTRIBUTE* given = find_attribute(attributes, CKA_VALUE_LEN);
    if (given == nullptr) {
        return std::nullopt;
    }
    const auto length = number_in(*given);
    if (!length) {
        return Refusal(CKR_ATTRIBUTE_VALUE_INVALID);
    }
    return *length > 0 && *length <= Secret::max_size ? Outcome<std::optional<CK_ULONG>>(length)
                                                      : Refusal(CKR_KEY_SIZE_RANGE);
}

// `value` cut to `length` from the front (PKCS#11 section 2.3.8: truncation removes leading octets).
Outcome<Secret> cut(ByteView value, std::optional<CK_ULONG> length) {
    if (length.value_or(0) > value.size()) {
        return Refusal(CKR_KEY_SIZE_RANGE);
    }
    auto secret = Secret::copy_of(value.last(length.value_or(value.size())));
    return secret ? Outcome<Secret>(std::move(*secret)) : Refusal(CKR_DEVICE_ERROR);
}

Object secret_key(Secret value, Template wanted) {
    Object object;
    object.object_class = CKO_SECRET_KEY;
    Attributes& attributes = object.attributes;
    attributes.set_number(CKA_CLASS, CKO_SECRET_KEY);
    attributes.set_number(CKA_VALUE_LEN, value.size());
    attributes.set_flag(CKA_EXTRACTABLE, true);
    for (const auto type :
         {CKA_TOKEN, CKA_PRIVATE, CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE, CKA_LOCAL}) {
        attributes.set_flag(type, false);
    }
    for (const CK_ATTRIBUTE& attribute : wanted) {
        if (std::find(fixed_attributes.begin(), fixed_attributes.end(), attribute.type) ==
            fixed_attributes.end()) {
            attributes.set(attribute.type,
                           {static_cast<const std::uint8_t*>(attribute.pValue), attribute.ulValueLen});
        }
    }
    if (find_attribute(wanted, CKA_KEY_TYPE) == nullptr) {
        attributes.set_number(CKA_KEY_TYPE, CKK_GENERIC_SECRET);
    }
    object.value = std::move(value);
    return object;
}

Outcome<Secret> derive(Library& library, const signet::ipc::DeriveCall& call,
                       std::optional<CK_ULONG> length) {
    auto octets = ask_agent(library, "org.signet.agent.Derive", signet::ipc::encode(call), "secret");
    if (!octets) {
        return Refusal(octets.error());
    }
    auto secret = octets->empty() ? Outcome<Secret>(Refusal(CKR_DEVICE_ERROR)) : cut(*octets, length);
    signet::wipe(*octets);
    return secret;
}

}  // namespace

CK_RV C_DeriveKey(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE base_key,
                  CK_ATTRIBUTE* templ, CK_ULONG attribute_count, CK_OBJECT_HANDLE* key) {
    return with_library([=](Library& library) -> CK_RV {
        if (mechanism == nullptr || key == nullptr || check_template(templ, attribute_count) != CKR_OK) {
            return CKR_ARGUMENTS_BAD;
        }
        const Template wanted(templ, attribute_count);
        const auto found = find_private_key(library, session, base_key);
        if (!found) {
            return found.error();
        }
        if (const CK_RV sound = check_wanted_key(wanted); sound != CKR_OK) {
            return sound;
        }
        const auto length = wanted_length(wanted);
        if (!length) {
            return length.error();
        }
        auto call = derivation_request(*mechanism, *found->key, *length);
        if (!call) {
            return call.error();
        }
        call->use = key_use(library, *found);
        auto secret = derive(library, *call, *length);
        if (!secret) {
            return secret.error();
        }
        *key = library.sessions.add_object(session, secret_key(std::move(*secret), wanted));
        return *key != CK_INVALID_HANDLE ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
    });
}
