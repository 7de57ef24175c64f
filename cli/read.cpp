#include "cli/declaration.h"
#include "cli/decryption_keys.h"
#include "cli/input.h"
#include "cli/library.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/report_text.h"
#include "cli/terminal.h"
#include "cli/trust.h"
#include "cli/unsigned_mail.h"

#include <unistd.h>

#include <optional>

namespace signet::cli {
namespace {

struct ReadArguments {
    Streams streams;
    TrustChoice trust;
    std::string key;
    std::string part;
    bool no_decrypt = false;
    bool json = false;
};

// Without an agent encrypted parts are reported as such; a key that was asked for by name must be there.
Result<std::optional<TokenDecryptionKeys>> decryption_keys(const ReadArguments& options) {
    if (options.no_decrypt) {
        return std::nullopt;
    }
    auto keys = TokenDecryptionKeys::load(options.key);
    if (!keys && keys.error().code == ErrorCode::agent_unavailable && options.key.empty()) {
        return std::nullopt;
    }
    if (!keys) {
        return Failure(std::move(keys).error());
    }
    return std::move(*keys);
}

Result<void> write_part(const mail::Report& report, const ReadArguments& options) {
    SIGNET_TRY(auto output, Output::open(options.streams.out));
    LibraryOutput content(output);
    SIGNET_CHECK(result_of(report.write_part(options.part, content)));
    return output.commit();
}

Result<void> write_report(const mail::Report& report, const ReadArguments& options) {
    const Style style = style_for(options.streams.out == "-" ? STDOUT_FILENO : -1);
    return write_output(options.streams.out, options.json ? json_of(report) : text_of(report, style));
}

Result<ExitStatus> read_mail(const ReadArguments& options) {
    SIGNET_TRY(const auto trust, load_trust(options.trust));
    mail::ReadOptions how{.trust = trust.options(), .keys = {}};
    SIGNET_TRY(auto opened, open_input(options.streams.in));
    const auto source = with_progress(std::move(opened), options.streams.quiet);
    SIGNET_TRY(const auto keys, decryption_keys(options));
    if (keys) {
        how.keys = keys->keys();
    }
    const LibraryInput input(*source);
    mail::Report report;
    if (const auto understood = result_of(mail::read(input, how, report)); !understood) {
        const bool answer = options.part.empty() && is_about_the_mail(understood.error());
        return answer ? report_unsigned(understood.error(), options.json, options.streams.out)
                      : Failure(understood.error());
    }
    SIGNET_CHECK(options.part.empty() ? write_report(report, options) : write_part(report, options));
    return report.signed_by.empty() ? ExitStatus::no : ExitStatus::good;
}

}  // namespace

void declare_read(CLI::App& program, Action& chosen) {
    auto [command, options] = declare<ReadArguments>(
        program, "read", "Show what a mail consists of, what protects it and who signed it", chosen,
        read_mail);
    add_streams(command, options.streams);
    add_trust(command, options.trust);
    command.add_flag("--no-decrypt", options.no_decrypt, "Leave encrypted parts closed");
    command.add_option("--key", options.key, "Try only the keys of this address, fingerprint or PKCS#11 URI")
        ->type_name("KEY")
        ->excludes("--no-decrypt");
    auto* part = command.add_option("--part", options.part, "Write the content of this part, not the report");
    part->type_name("PATH");
    command.add_flag("--json", options.json, "Print JSON")->excludes(part);
}

}  // namespace signet::cli
