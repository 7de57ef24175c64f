#include "cli/token_module.h"

#include "base/directories.h"

#include <cstdlib>
#include <system_error>

namespace signet::cli {
namespace {

bool is_there(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::exists(path, ignored);
}

}  // namespace

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

Result<smime::TokenKeys> open_token_keys() {
    SIGNET_TRY(const auto path, module_path());
    return smime::TokenKeys::open(path);
}

Result<x509::KeyPointer> private_key(smime::TokenKeys& keys, const KeyPlace& place) {
    if (!place.token->slot) {
        return failure(ErrorCode::token_not_found, "slot",
                       place.token->label + " has no slot: too many tokens are present, remove one");
    }
    return keys.private_key(*place.token->slot, place.key->public_key_info);
}

}  // namespace signet::cli
