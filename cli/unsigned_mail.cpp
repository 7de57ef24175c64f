#include "cli/unsigned_mail.h"

#include "base/bytes.h"
#include "cli/output.h"
#include "ipc/writer.h"
#include "smime/part_protection.h"

namespace signet::cli {
namespace {

std::string_view code_of(const Error& error) {
    switch (error.code) {
        case ErrorCode::not_found:
            return "not_signed";
        case ErrorCode::too_large:
            return "too_large";
        default:
            return "malformed";
    }
}

}  // namespace

bool is_about_the_mail(const Error& error) {
    return error.code == ErrorCode::not_found || error.code == ErrorCode::malformed ||
           error.code == ErrorCode::too_large;
}

Result<ExitStatus> report_unsigned(const Error& error, bool json, const std::string& path) {
    const std::string remedy = error.operation == smime::only_a_part ? "; 'signet read' shows it" : "";
    const std::string reason = printable_utf8(error.detail) + remedy;
    std::string text = std::string(code_of(error)) + ": " + reason;
    if (json) {
        ipc::Writer writer;
        writer.boolean("good", false);
        writer.plain("status", code_of(error));
        writer.text("reason", reason);
        writer.raw("signers", "[]");
        text = writer.finish();
    }
    SIGNET_CHECK(write_output(path, text + "\n"));
    return ExitStatus::no;
}

}  // namespace signet::cli
