#pragma once

#include "base/error.h"
#include "cli/command.h"

#include <string>

namespace signet::cli {

// What a person reads about an error.
struct Message {
    std::string what;    // what happened, and to what
    std::string remedy;  // what to do next; empty when nothing can be said
};

// The operation of an error where signet unlock is of no help: the command asks again by itself.
inline constexpr const char* administration = "administration";

Message message_for(const Error& error);
// What is wrong where an error of the wire has nothing but the name of a parameter; other texts as they are.
std::string parameter_text(const std::string& parameter);
// Lines stay lines; whatever else a detail from a token or a mail holds is made harmless for the terminal.
std::string printable_lines(const std::string& text);

// Prints the message on standard error and gives the exit status that goes with it.
ExitStatus report(const Error& error);
ExitStatus status_of(ErrorCode code);
// What a person should know although nothing failed, on standard error. Nothing for an empty text.
void print_note(const std::string& note);

}  // namespace signet::cli
