#pragma once

#include "cli/cms_output.h"
#include "cli/command.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <string>
#include <vector>

namespace signet::cli {

// A subcommand whose options are parsed into one struct, and what runs with them. Only the files of the
// subcommands include this header: CLI11 takes long to compile.
template <class Options>
struct Declaration {
    CLI::App& command;
    Options& options;  // kept alive by the command
};

template <class Options>
Declaration<Options> declare(CLI::App& program, const std::string& name, const std::string& description,
                             Action& chosen, Result<ExitStatus> (*run)(const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App* command = program.add_subcommand(name, description);
    command->callback([&chosen, options, run] { chosen = [options, run] { return run(*options); }; });
    return {*command, *options};
}

// --in, --out and --quiet, for the subcommands that turn one mail into another.
struct Streams {
    std::string in = "-";
    std::string out = "-";
    bool quiet = false;
};

inline void add_input(CLI::App& command, std::string& path) {
    command.add_option("--in", path, "Read the mail from FILE instead of standard input")
        ->type_name("FILE")
        ->default_str("");
}
inline void add_streams(CLI::App& command, Streams& streams) {
    add_input(command, streams.in);
    command.add_option("--out", streams.out, "Write to FILE instead of standard output")
        ->type_name("FILE")
        ->default_str("");
    command.add_flag("--quiet", streams.quiet, "Show no progress and no notes");
}

// --cms and --pem: octets in and CMS out, in place of mails.
inline void add_bare_cms(CLI::App& command, BareCms& bare) {
    auto* der =
        command.add_flag("--cms", bare.der, "Take any file, and write CMS (BER or DER) instead of a mail");
    command.add_flag("--pem", bare.pem, "The same, as PEM")->excludes(der);
    command.add_flag("--crlf", bare.crlf,
                     "With --cms or --pem: end the lines with CR LF first, as MIME does");
}

// Takes one of these. By its name the check tells them to the completion of shells.
inline CLI::Validator one_of(const std::vector<std::string>& names) {
    CLI::IsMember check(names);
    return check.description("").name(joined(names, " "));
}

// An option that may be given several times.
inline void add_list(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                     const std::string& description, const std::string& type) {
    command.add_option(name, values, description)
        ->type_name(type)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace signet::cli
