#include "base/command_line.h"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>

namespace signet {
namespace {

// Above the places of the program's own options.
constexpr int version_option = 1000;
constexpr int help_option = 1001;

std::vector<option> for_getopt(const std::vector<LongOption>& options) {
    std::vector<option> result;
    for (const LongOption& each : options) {
        result.push_back({each.name, each.path != nullptr ? required_argument : no_argument, nullptr,
                          static_cast<int>(result.size())});
    }
    result.push_back({"version", no_argument, nullptr, version_option});
    result.push_back({"help", no_argument, nullptr, help_option});
    result.push_back({});
    return result;
}

void take(const LongOption& chosen) {
    if (chosen.path != nullptr) {
        *chosen.path = optarg;
    } else {
        *chosen.flag = true;
    }
}

}  // namespace

void read_command_line(int argc, char** argv, const ProgramDescription& program,
                       const std::vector<LongOption>& options) {
    const auto known = for_getopt(options);
    for (int choice = 0; (choice = getopt_long(argc, argv, "", known.data(), nullptr)) != -1;) {
        switch (choice) {
            case version_option:
                std::printf("%s " SIGNET_VERSION "\n", program.name);
                std::exit(EXIT_SUCCESS);
            case help_option:
                std::fputs(program.help, stdout);
                std::exit(EXIT_SUCCESS);
            case '?':
                std::exit(program.usage_status);
            default:
                take(options[static_cast<std::size_t>(choice)]);
        }
    }
    if (optind < argc) {
        std::fprintf(stderr, "%s: unexpected argument %s\n", program.name, argv[optind]);
        std::exit(program.usage_status);
    }
}

}  // namespace signet
