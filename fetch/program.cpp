#include "fetch/program.h"

#include "base/bytes.h"
#include "base/file_descriptor.h"
#include "fetch/exit_status.h"
#include "fetch/http.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <cstdio>

namespace signet::fetch {
namespace {

constexpr std::size_t max_body = std::size_t{1} << 20;
constexpr std::size_t max_answer = std::size_t{16} << 20;
constexpr int max_seconds = 300;

constexpr const char* description =
    "Send standard input to a web server by POST, and write its answer to standard output.";

struct Options {
    Post request;
    int seconds = 30;
};

void declare(CLI::App& program, Options& options) {
    auto& request = options.request;
    request.limit = std::size_t{1} << 20;
    program.add_option("--type", request.content_type, "Content-Type of what is sent")
        ->type_name("TYPE")
        ->required();
    program.add_option("--accept", request.accept, "Take only an answer of this type")
        ->type_name("TYPE")
        ->required();
    program.add_option("--limit", request.limit, "Take at most this many octets")
        ->type_name("OCTETS")
        ->check(CLI::Range(std::size_t{1}, max_answer).description(""))
        ->capture_default_str();
    program.add_option("--timeout", options.seconds, "Wait for at most this long")
        ->type_name("SECONDS")
        ->check(CLI::Range(1, max_seconds).description(""))
        ->capture_default_str();
    program.add_option("url", request.url, "Where to send it: http or https")->required();
}

Result<void> fetch(Options& options) {
    auto& request = options.request;
    request.timeout = std::chrono::seconds(options.seconds);
    SIGNET_TRY(request.body, read_file("-", max_body));
    SIGNET_TRY(const auto answer, post(request));
    return write_all(STDOUT_FILENO, answer, "standard output");
}

int report(const Error& error) {
    std::fputs(("signet-fetch: " + printable_utf8(error.detail) + "\n").c_str(), stderr);
    for (const auto& entry : statuses) {
        if (entry.code == error.code) {
            return entry.status;
        }
    }
    return EX_SOFTWARE;
}

}  // namespace

int run(int argument_count, const char* const* arguments) {
    Options options;
    CLI::App program(description, "signet-fetch");
    program.set_help_flag("--help,-h", "Show this help");
    program.set_version_flag("--version", "signet-fetch " SIGNET_VERSION, "Show the version");
    program.get_formatter()->column_width(32);
    declare(program, options);
    try {
        program.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            return program.exit(error);
        }
        return report(Error{ErrorCode::invalid_parameter, "arguments", error.what()});
    }
    // Where the time that libcurl keeps is not kept, as while a name is resolved.
    constexpr int grace = 5;
    alarm(static_cast<unsigned>(options.seconds + grace));
    const auto fetched = fetch(options);
    return fetched ? EX_OK : report(fetched.error());
}

}  // namespace signet::fetch
