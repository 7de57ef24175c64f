#include "cli/declaration.h"
#include "cli/sendmail/submission.h"

namespace signet::cli {
namespace {

// Nothing but help is parsed here.
struct Options {
    std::vector<std::string> arguments;
    bool from_header = false;
    bool dots = false;
    std::string sender;
    std::string name;
};

Result<ExitStatus> no_arguments(const Options& /*options*/) {
    return failure(ErrorCode::invalid_parameter, "sendmail", "signet sendmail comes before all options");
}

}  // namespace

void declare_sendmail(CLI::App& program, Action& chosen) {
    auto [command, options] =
        declare<Options>(program, "sendmail", "Take a mail as sendmail does, protect it, and hand it on",
                         chosen, no_arguments);
    command.add_flag("-t", options.from_header, "Send to the addresses in To, Cc and Bcc too");
    command.add_flag("-i", options.dots, "Accepted: a line with a dot alone never ends the mail");
    command.add_option("-f", options.sender, "Sender of the envelope")->type_name("ADDRESS");
    command.add_option("-F", options.name, "Name of the sender, for the transport")->type_name("NAME");
    command.add_option("recipients", options.arguments, "Whom to send to")->type_name("ADDRESS");
}

}  // namespace signet::cli
