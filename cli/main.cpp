#include "cli/program.h"

int main(int argument_count, char** arguments) {
    return static_cast<int>(signet::cli::run(argument_count, arguments));
}
