// libp11 attaches its methods to keys through an ENGINE, which OpenSSL 3 calls deprecated and keeps.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "smime/token_keys.h"

#include "base/secret.h"
#include "smime/pkcs11_uri.h"

#include <dlfcn.h>
#include <libp11.h>
#include <openssl/engine.h>
#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace signet::smime {
namespace {

using ContextPointer = x509::Pointer<PKCS11_CTX, PKCS11_CTX_free>;
using EnginePointer = x509::Pointer<ENGINE, ENGINE_free>;
using LibraryPointer = x509::Pointer<void, dlclose>;

// An ENGINE that offers nothing but libp11's own key methods. With it PSS and OAEP reach the module as what
// they are; by itself libp11 0.4.12 pads and asks for raw RSA.
Result<EnginePointer> make_engine() {
    EnginePointer engine(ENGINE_new());
    if (!engine || ENGINE_set_pkey_meths(engine.get(), PKCS11_pkey_meths) != 1) {
        return x509::openssl_failure("ENGINE_set_pkey_meths");
    }
    return engine;
}

Result<void> use_token_methods(EVP_PKEY* key, ENGINE* engine) {
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_set1_engine(key, engine) != 1) {
        return x509::openssl_failure("EVP_PKEY_set1_engine");
    }
    return {};
}

// One key has several encodings: the octets decide where they are equal, else the numbers in them.
bool is_half_of(const EVP_PKEY* key, ByteView public_key_info) {
    unsigned char* octets = nullptr;
    const int size = i2d_PUBKEY(key, &octets);
    const x509::OpensslOctets owner(octets);
    if (size > 0 && std::ranges::equal(std::span(octets, static_cast<std::size_t>(size)), public_key_info)) {
        return true;
    }
    const unsigned char* next = public_key_info.data();
    const x509::KeyPointer other(d2i_PUBKEY(nullptr, &next, static_cast<long>(public_key_info.size())));
    return other && EVP_PKEY_eq(key, other.get()) == 1;
}

std::string text_of(const char* text) {
    return text != nullptr ? text : "";
}

bool names_token(const Pkcs11Uri& uri, const PKCS11_TOKEN& token) {
    return uri.matches({.label = text_of(token.label),
                        .manufacturer = text_of(token.manufacturer),
                        .model = text_of(token.model),
                        .serial = text_of(token.serialnr)});
}

bool names_key(const Pkcs11Uri& uri, const PKCS11_KEY& key) {
    return uri.matches(ObjectKind::private_key, text_of(key.label), Bytes(key.id, key.id + key.id_len));
}

Failure cannot_load(std::string reason) {
    return failure(ErrorCode::input_output, "load the PKCS#11 module", std::move(reason));
}

// Before libp11 loads it: what cannot be loaded libp11 reports on the program's standard error.
Result<LibraryPointer> loaded_library(const std::filesystem::path& module) {
    LibraryPointer library(dlopen(module.c_str(), RTLD_LAZY | RTLD_LOCAL));
    if (!library || dlsym(library.get(), "C_GetFunctionList") == nullptr) {
        return cannot_load(text_of(dlerror()));
    }
    return library;
}

Result<std::span<PKCS11_KEY>> private_keys(PKCS11_TOKEN* token) {
    PKCS11_KEY* keys = nullptr;  // an array that libp11 owns
    unsigned int count = 0;
    if (PKCS11_enumerate_keys(token, &keys, &count) != 0) {
        return Failure(x509::key_error("PKCS11_enumerate_keys"));
    }
    return std::span(keys, count);
}

}  // namespace

struct TokenKeys::Module {
    Module() = default;
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;
    ~Module() {
        if (slots != nullptr) {
            PKCS11_release_all_slots(context.get(), slots, slot_count);
        }
        if (loaded) {
            PKCS11_CTX_unload(context.get());
        }
    }

    Result<void> load(const std::filesystem::path& path);
    [[nodiscard]] Result<PKCS11_TOKEN*> token_in(std::uint32_t slot_number) const;
    [[nodiscard]] Result<std::vector<PKCS11_SLOT*>> slots_with(const Pkcs11Uri& uri) const;
    // Ready to be used, or null.
    [[nodiscard]] Result<x509::KeyPointer> usable(PKCS11_KEY& key) const;

    EnginePointer engine;
    ContextPointer context;
    PKCS11_SLOT* slots = nullptr;  // an array that libp11 owns
    unsigned int slot_count = 0;
    bool loaded = false;
};

Result<void> TokenKeys::Module::load(const std::filesystem::path& path) {
    SIGNET_TRY(const LibraryPointer library, loaded_library(path));
    SIGNET_TRY(engine, make_engine());
    context.reset(PKCS11_CTX_new());
    if (!context || PKCS11_CTX_load(context.get(), path.c_str()) != 0) {
        return cannot_load(path.string() + ": " + x509::openssl_error({}).detail);
    }
    loaded = true;
    if (PKCS11_enumerate_slots(context.get(), &slots, &slot_count) != 0) {
        return Failure(x509::key_error("PKCS11_enumerate_slots"));
    }
    return {};
}

Result<PKCS11_TOKEN*> TokenKeys::Module::token_in(std::uint32_t slot_number) const {
    for (PKCS11_SLOT& slot : std::span(slots, slot_count)) {
        if (PKCS11_get_slotid_from_slot(&slot) == slot_number && slot.token != nullptr) {
            return slot.token;
        }
    }
    return failure(ErrorCode::token_not_found, "slot", "slot " + std::to_string(slot_number) + " is empty");
}

Result<std::vector<PKCS11_SLOT*>> TokenKeys::Module::slots_with(const Pkcs11Uri& uri) const {
    std::vector<PKCS11_SLOT*> found;
    for (PKCS11_SLOT& slot : std::span(slots, slot_count)) {
        if (slot.token != nullptr && names_token(uri, *slot.token)) {
            found.push_back(&slot);
        }
    }
    if (found.empty()) {
        return failure(ErrorCode::token_not_found, "PKCS#11 URI", "no token fits the URI");
    }
    return found;
}

Result<x509::KeyPointer> TokenKeys::Module::usable(PKCS11_KEY& key) const {
    x509::KeyPointer private_key(PKCS11_get_private_key(&key));
    if (private_key) {
        SIGNET_CHECK(use_token_methods(private_key.get(), engine.get()));
    }
    return private_key;
}

TokenKeys::TokenKeys(std::unique_ptr<Module> module) : m_module(std::move(module)) {}
TokenKeys::TokenKeys(TokenKeys&& other) noexcept = default;
TokenKeys& TokenKeys::operator=(TokenKeys&& other) noexcept = default;
TokenKeys::~TokenKeys() = default;

Result<TokenKeys> TokenKeys::open(const std::filesystem::path& module_path) {
    auto module = std::make_unique<Module>();
    SIGNET_CHECK(module->load(module_path));
    return TokenKeys(std::move(module));
}

Result<void> TokenKeys::log_in(const std::string& uri, std::string_view pin) {
    SIGNET_TRY(const auto parsed, Pkcs11Uri::parse(uri));
    SIGNET_TRY(const auto slots, m_module->slots_with(parsed));
    if (slots.size() > 1) {
        return failure(ErrorCode::ambiguous, "PKCS#11 URI", "several tokens fit the URI");
    }
    // libp11 takes a text that ends with NUL.
    Secret text(pin.size() + 1);
    SIGNET_CHECK(text.append(as_bytes(pin)));
    SIGNET_CHECK(text.append(as_bytes(std::string_view("", 1))));
    if (PKCS11_login(slots.front(), 0, reinterpret_cast<const char*>(text.expose().data())) != 0) {
        return Failure(x509::key_error("PKCS11_login"));
    }
    return {};
}

Result<x509::KeyPointer> TokenKeys::private_key(std::uint32_t slot, ByteView public_key_info) {
    SIGNET_TRY(PKCS11_TOKEN * token, m_module->token_in(slot));
    SIGNET_TRY(const auto keys, private_keys(token));
    for (PKCS11_KEY& candidate : keys) {
        SIGNET_TRY(auto key, m_module->usable(candidate));
        if (key && is_half_of(key.get(), public_key_info)) {
            return key;
        }
    }
    ERR_clear_error();
    return failure(ErrorCode::key_not_found, "PKCS11_enumerate_keys", text_of(token->label));
}

Result<x509::KeyPointer> TokenKeys::private_key(const std::string& uri) {
    SIGNET_TRY(const auto parsed, Pkcs11Uri::parse(uri));
    SIGNET_TRY(const auto slots, m_module->slots_with(parsed));
    x509::KeyPointer found;
    for (const PKCS11_SLOT* slot : slots) {
        SIGNET_TRY(const auto keys, private_keys(slot->token));
        for (PKCS11_KEY& candidate : keys) {
            if (!names_key(parsed, candidate)) {
                continue;
            }
            SIGNET_TRY(auto key, m_module->usable(candidate));
            if (found && key && EVP_PKEY_eq(key.get(), found.get()) != 1) {
                return failure(ErrorCode::ambiguous, "PKCS#11 URI", "several private keys fit the URI");
            }
            found = std::move(key);
        }
    }
    ERR_clear_error();
    if (!found) {
        return failure(ErrorCode::key_not_found, "PKCS#11 URI", "no private key fits the URI");
    }
    return found;
}

}  // namespace signet::smime
