#pragma once

#include "base/result.h"

#include <functional>

namespace CLI {
class App;
}  // namespace CLI

namespace signet::cli {

enum class ExitStatus : int {
    good = 0,
    no = 1,      // the answer is no: a bad signature, a mail for somebody else
    usage = 2,   // the call was wrong
    failed = 3,  // it could not be done
};

using Action = std::function<Result<ExitStatus>()>;

// Each declares one subcommand, in the file of that name. When the command line chooses it, `chosen` becomes
// what it does. Both arguments outlive the parsing.
void declare_tokens(CLI::App& program, Action& chosen);
void declare_keys(CLI::App& program, Action& chosen);
void declare_sign(CLI::App& program, Action& chosen);
void declare_verify(CLI::App& program, Action& chosen);
void declare_read(CLI::App& program, Action& chosen);
void declare_encrypt(CLI::App& program, Action& chosen);
void declare_decrypt(CLI::App& program, Action& chosen);
void declare_unlock(CLI::App& program, Action& chosen);
void declare_lock(CLI::App& program, Action& chosen);
void declare_token(CLI::App& program, Action& chosen);
void declare_watch(CLI::App& program, Action& chosen);
void declare_doctor(CLI::App& program, Action& chosen);
void declare_setup(CLI::App& program, Action& chosen);
// Only for help and completion: main() hands its arguments to sendmail::run(), for they are not of the form
// that other commands have.
void declare_sendmail(CLI::App& program, Action& chosen);
// The scripts are made from what `program` holds when the command runs.
void declare_completion(CLI::App& program, Action& chosen);

}  // namespace signet::cli
