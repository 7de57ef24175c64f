#include "tests/e2e/token_command.h"

#include "tests/support/agent.h"

namespace signet::test {

std::vector<std::string> token_command(const std::filesystem::path& folder,
                                       std::vector<std::string> arguments, const Secrets& secrets) {
    std::string redirections;
    int descriptor = 3;
    for (const auto& [option, secret] : secrets) {
        const std::string file = "secret" + std::to_string(descriptor);
        write_file(folder / file, secret + "\n");
        arguments.insert(arguments.end(), {option, std::to_string(descriptor)});
        redirections += " " + std::to_string(descriptor++) + "<" + file;
    }
    std::vector<std::string> command{"sh",   "-c", "exec \"$@\"" + redirections, "sh", program("signet"),
                                     "token"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

}  // namespace signet::test
