#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string_view>

namespace signet::test {

// Missing things fail when CI=true and skip elsewhere.
bool running_in_ci();
bool have_program(std::string_view name);
// The folder of foreign mails, keys and vectors; empty when it is not there.
std::filesystem::path corpora();

}  // namespace signet::test

// In a test's body or SetUp(): ends the test when the condition does not hold.
#define SIGNET_REQUIRE(condition, what)                           \
    do {                                                          \
        if (!(condition)) {                                       \
            if (::signet::test::running_in_ci()) {                \
                FAIL() << "missing, and CI needs it: " << (what); \
            }                                                     \
            GTEST_SKIP() << "missing: " << (what);                \
        }                                                         \
    } while (false)
#define SIGNET_REQUIRE_PROGRAM(name) SIGNET_REQUIRE(::signet::test::have_program(name), name)
#define SIGNET_REQUIRE_CORPUS(folder)                                                                        \
    SIGNET_REQUIRE(                                                                                          \
        !::signet::test::corpora().empty() && std::filesystem::exists(::signet::test::corpora() / (folder)), \
        std::string("corpus ") + (folder))
