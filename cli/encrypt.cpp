#include "cli/agent.h"
#include "cli/certificate_files.h"
#include "cli/encryption_options.h"
#include "cli/input.h"
#include "cli/library.h"
#include "cli/messages.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace signet::cli {
namespace {

struct EncryptArguments {
    Streams streams;
    BareCms bare;
    EncryptionRequest request;
    std::vector<std::string> further_certificates;
};

Result<ipc::Inventory> inventory_from_agent() {
    SIGNET_TRY(auto agent, Agent::connect());
    return agent.inventory();
}

// No agent is needed unless somebody's certificate is nowhere else. The sender's is looked for where one
// runs.
Result<ipc::Inventory> inventory_for(const Addressees& addressees, const EncryptionRequest& request,
                                     std::span<const x509::Certificate> files) {
    const ipc::Inventory nothing{.generation = 0, .tokens = std::vector<ipc::Token>(), .failures = {}};
    const bool needed = addressees.need_tokens(files);
    if (!needed && request.no_self) {
        return nothing;
    }
    auto inventory = inventory_from_agent();
    const bool absent = !inventory && inventory.error().code == ErrorCode::agent_unavailable;
    return absent && !needed ? nothing : inventory;
}

Result<void> encrypt_to(const smime::Source& input, Output& output, const EncryptArguments& options,
                        const EncryptedMessage& message) {
    const auto how = encrypt_options(options.request, message.recipients);
    const LibraryInput content(input);
    if (!options.bare.wanted()) {
        LibraryOutput out(output);
        return result_of(mail::encrypt(content, out, how));
    }
    CmsSink cms(output, options.bare.pem);
    LibraryOutput out(cms);
    SIGNET_CHECK(result_of(mail::encrypt_content(content, out, how)));
    return cms.finish();
}

// All messages are whole before the first of them is seen.
Result<void> write_messages(const smime::Source& input, const EncryptArguments& options,
                            const std::vector<EncryptedMessage>& messages) {
    std::vector<Output> outputs;
    for (const auto& message : messages) {
        SIGNET_TRY(auto output, Output::open(message.path));
        SIGNET_CHECK(encrypt_to(input, output, options, message));
        outputs.push_back(std::move(output));
    }
    for (auto& output : outputs) {
        SIGNET_CHECK(output.commit());
    }
    return {};
}

Result<std::unique_ptr<smime::Source>> open_content(const EncryptArguments& options) {
    SIGNET_TRY(auto opened, open_input(options.streams.in));
    auto input = with_progress(std::move(opened), options.streams.quiet);
    if (options.bare.crlf) {
        return with_crlf(*input);
    }
    return input;
}

Result<ExitStatus> encrypt_mail(const EncryptArguments& given) {
    SIGNET_CHECK(given.bare.check());
    EncryptArguments options = given;
    auto& certificates = options.request.certificates;
    certificates.insert(certificates.end(), options.further_certificates.begin(),
                        options.further_certificates.end());
    KnownCertificates known;
    SIGNET_TRY(known.files, read_certificates(certificates));
    SIGNET_TRY(const auto input, open_content(options));
    SIGNET_TRY(const auto addressees,
               Addressees::of(options.request, options.bare.wanted() ? nullptr : input.get()));
    SIGNET_TRY(const auto inventory, inventory_for(addressees, options.request, known.files));
    known.entries = key_entries(inventory);
    std::string note;
    SIGNET_TRY(const auto messages, addressees.messages(known, options.streams.out, note));
    SIGNET_CHECK(write_messages(*input, options, messages));
    if (!options.streams.quiet) {
        print_note(note);
    }
    return ExitStatus::good;
}

}  // namespace

void declare_encrypt(CLI::App& program, Action& chosen) {
    auto [command, options] =
        declare<EncryptArguments>(program, "encrypt", "Encrypt a mail", chosen, encrypt_mail);
    add_streams(command, options.streams);
    add_encryption(command, options.request);
    command
        .add_option("--from", options.request.from,
                    "Encrypt to the key of this sender too (default: the mail's From)")
        ->type_name("ADDRESS")
        ->excludes("--no-self");
    command.add_flag("--protect-headers", options.request.protect_headers,
                     "Encrypt the header fields too, and hide the Subject (RFC 9788)");
    add_bare_cms(command, options.bare);
    command.add_option("certificates", options.further_certificates, "More files, as after --cert")
        ->type_name("FILE");
}

}  // namespace signet::cli
