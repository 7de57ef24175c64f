// libp11 attaches its methods to keys through an ENGINE, which OpenSSL 3 calls deprecated and keeps.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "cli/private_key.h"

#include "base/directories.h"

#include <libp11.h>
#include <openssl/engine.h>
#include <openssl/err.h>

#include <cstdlib>
#include <span>
#include <system_error>

namespace signet::cli {
namespace {

using ContextPointer = x509::Pointer<PKCS11_CTX, PKCS11_CTX_free>;
using EnginePointer = x509::Pointer<ENGINE, ENGINE_free>;

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

Result<x509::KeyPointer> parse_public_key(ByteView public_key_info) {
    const unsigned char* position = public_key_info.data();
    x509::KeyPointer key(d2i_PUBKEY(nullptr, &position, static_cast<long>(public_key_info.size())));
    if (!key) {
        return x509::openssl_failure("d2i_PUBKEY", ErrorCode::malformed);
    }
    return key;
}

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
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

    EnginePointer engine;
    ContextPointer context;
    PKCS11_SLOT* slots = nullptr;  // an array that libp11 owns
    unsigned int slot_count = 0;
    bool loaded = false;
};

Result<void> TokenKeys::Module::load(const std::filesystem::path& path) {
    SIGNET_TRY(engine, make_engine());
    context.reset(PKCS11_CTX_new());
    if (!context || PKCS11_CTX_load(context.get(), path.c_str()) != 0) {
        Error error = x509::openssl_error("load the PKCS#11 module", ErrorCode::input_output);
        error.detail = path.string() + ": " + error.detail;
        return Failure(std::move(error));
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

TokenKeys::TokenKeys(std::unique_ptr<Module> module) : m_module(std::move(module)) {}
TokenKeys::TokenKeys(TokenKeys&& other) noexcept = default;
TokenKeys& TokenKeys::operator=(TokenKeys&& other) noexcept = default;
TokenKeys::~TokenKeys() = default;

Result<TokenKeys> TokenKeys::open() {
    SIGNET_TRY(const auto path, module_path());
    auto module = std::make_unique<Module>();
    SIGNET_CHECK(module->load(path));
    return TokenKeys(std::move(module));
}

Result<x509::KeyPointer> TokenKeys::private_key(const ipc::Token& token, const ipc::Key& key) {
    if (!token.slot) {
        return failure(ErrorCode::token_not_found, "slot",
                       token.label + " has no slot: too many tokens are present, remove one");
    }
    SIGNET_TRY(PKCS11_TOKEN * found, m_module->token_in(*token.slot));
    PKCS11_KEY* keys = nullptr;
    unsigned int count = 0;
    if (PKCS11_enumerate_keys(found, &keys, &count) != 0) {
        return Failure(x509::key_error("PKCS11_enumerate_keys"));
    }
    SIGNET_TRY(const auto wanted, parse_public_key(key.public_key_info));
    for (PKCS11_KEY& candidate : std::span(keys, count)) {
        x509::KeyPointer private_key(PKCS11_get_private_key(&candidate));
        if (private_key && EVP_PKEY_eq(private_key.get(), wanted.get()) == 1) {
            SIGNET_CHECK(use_token_methods(private_key.get(), m_module->engine.get()));
            return private_key;
        }
    }
    ERR_clear_error();
    return failure(ErrorCode::key_not_found, "PKCS11_enumerate_keys", token.label);
}

Result<std::filesystem::path> module_path() {
    if (const char* named = std::getenv("SIGNET_MODULE"); named != nullptr && *named != '\0') {
        return std::filesystem::path(named);
    }
    SIGNET_TRY(const auto programs, executable_directory());
    const auto beside = programs.parent_path() / "lib" / "signet-pkcs11.so";
    if (is_there(beside)) {
        return beside;
    }
    const auto installed = (programs / SIGNET_INSTALLED_MODULE).lexically_normal();
    if (is_there(installed)) {
        return installed;
    }
    return failure(ErrorCode::not_found, "PKCS#11 module",
                   "signet-pkcs11.so is neither at " + beside.string() + " nor at " + installed.string() +
                       "; SIGNET_MODULE can name it");
}

}  // namespace signet::cli
