#include "cli/declaration.h"
#include "cli/decryption_keys.h"
#include "cli/input.h"
#include "cli/library.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace signet::cli {
namespace {

struct DecryptArguments {
    Streams streams;
    std::string key;
    bool bare = false;
};

Result<ExitStatus> decrypt_mail(const DecryptArguments& options) {
    SIGNET_TRY(auto opened, open_input(options.streams.in));
    const auto input = with_progress(std::move(opened), options.streams.quiet);
    SIGNET_TRY(const auto keys, TokenDecryptionKeys::load(options.key));
    SIGNET_TRY(auto output, Output::open(options.streams.out));
    const LibraryInput encrypted(*input);
    LibraryWithheldOutput out(output);
    const auto decrypted = result_of(options.bare ? mail::decrypt_content(encrypted, out, keys.keys())
                                                  : mail::decrypt(encrypted, out, keys.keys()));
    if (!decrypted && decrypted.error().code == ErrorCode::not_found) {
        report(decrypted.error());
        return ExitStatus::no;
    }
    if (!decrypted) {
        return Failure(decrypted.error());
    }
    SIGNET_CHECK(output.commit());
    return ExitStatus::good;
}

}  // namespace

void declare_decrypt(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<DecryptArguments>(
        program, "decrypt", "Decrypt a mail with a key on a token", chosen, decrypt_mail);
    add_streams(command, options.streams);
    command.add_option("--key", options.key, "Try only the keys of this address, fingerprint or PKCS#11 URI")
        ->type_name("KEY");
    command.add_flag("--cms", options.bare, "Read CMS (BER, DER, PEM or base64) instead of a mail");
}

}  // namespace signet::cli
