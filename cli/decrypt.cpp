#include "smime/decrypt.h"

#include "cli/declaration.h"
#include "cli/decryption_keys.h"
#include "cli/input.h"
#include "cli/messages.h"
#include "cli/output.h"

namespace signet::cli {
namespace {

struct Options {
    Streams streams;
    std::string key;
};

Result<ExitStatus> decrypt_mail(const Options& options) {
    SIGNET_TRY(const auto mail, open_input(options.streams.in));
    SIGNET_TRY(const auto keys, TokenDecryptionKeys::load(options.key));
    SIGNET_TRY(auto output, Output::open(options.streams.out));
    const auto decrypted = smime::decrypt(*mail, output, keys.keys());
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
    auto [command, options] =
        declare<Options>(program, "decrypt", "Decrypt a mail with a key on a token", chosen, decrypt_mail);
    add_streams(command, options.streams);
    command.add_option("--key", options.key, "Try only the keys of this address, fingerprint or PKCS#11 URI")
        ->type_name("KEY");
}

}  // namespace signet::cli
