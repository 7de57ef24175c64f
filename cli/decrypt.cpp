#include "smime/decrypt.h"

#include "cli/declaration.h"
#include "cli/decryption_keys.h"
#include "cli/input.h"
#include "cli/library.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "smime/part_protection.h"
#include "smime/spool.h"

namespace signet::cli {
namespace {

struct DecryptArguments {
    Streams streams;
    std::string key;
    bool bare = false;
};

Result<void> decrypt_with(const std::vector<mail::DecryptionKey>& keys, const smime::Source& input, bool bare,
                          smime::WithheldSink& output, std::vector<std::string>& left_out) {
    const LibraryInput encrypted(input);
    LibraryWithheldOutput out(output);
    return result_of(bare ? mail::decrypt_content(encrypted, out, keys)
                          : mail::decrypt(encrypted, out, keys, left_out));
}

std::string note_of(const std::vector<std::string>& left_out) {
    return left_out.empty()
               ? std::string()
               : "left out, since the header outside says something else: " + joined(left_out, ", ");
}

// What a person can do about a mail that none of the keys decrypts; empty where there is nothing.
std::string way_through(const Error& error, const smime::Source& input, bool bare,
                        TokenDecryptionKeys& keys) {
    if (error.operation == smime::signed_around_encryption) {
        return "'signet read' shows all of it; to decrypt it, take off the signature first: "
               "signet verify --content FILE";
    }
    if (error.operation == smime::only_a_part) {
        return "'signet read' shows it";
    }
    std::vector<std::string> asked;
    const auto ask = [&](const std::vector<mail::DecryptionKey>& unusable) {
        if (!unusable.empty()) {
            smime::Spool nothing;
            std::vector<std::string> fields;
            static_cast<void>(decrypt_with(unusable, input, bare, nothing, fields));
        }
        return !asked.empty();
    };
    if (ask(keys.left_out(asked))) {
        return "--key leaves out what is present and fits:\n  " + joined(asked, "\n  ");
    }
    if (ask(keys.absent(asked))) {
        return "insert the token with the key, and run the command again:\n  " + joined(asked, "\n  ");
    }
    return {};
}

Result<ExitStatus> decrypt_mail(const DecryptArguments& options) {
    SIGNET_TRY(auto opened, open_input(options.streams.in));
    const auto input = with_progress(std::move(opened), options.streams.quiet);
    SIGNET_TRY(auto keys, TokenDecryptionKeys::load(options.key));
    SIGNET_TRY(auto output, Output::open(options.streams.out));
    std::vector<std::string> left_out;
    const auto decrypted = decrypt_with(keys.keys(), *input, options.bare, output, left_out);
    if (!decrypted && decrypted.error().code == ErrorCode::not_found) {
        report(decrypted.error());
        print_note(way_through(decrypted.error(), *input, options.bare, keys));
        return ExitStatus::no;
    }
    if (!decrypted) {
        return Failure(decrypted.error());
    }
    SIGNET_CHECK(output.commit());
    if (!options.streams.quiet) {
        print_note(note_of(left_out));
    }
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
