#include "agent/permission.h"

#include "ipc/codec.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>

namespace signet::agent {
namespace {

TEST(Permission, KnowsEveryMethodOfTheInterfaceFileAndNoOther) {
    const std::string description(*ipc::interface_description(ipc::agent_interface));
    const std::regex method("\nmethod ([A-Za-z]+)");
    int count = 0;
    for (std::sregex_iterator match(description.begin(), description.end(), method), end; match != end;
         ++match) {
        EXPECT_TRUE(permission("org.signet.agent." + match->str(1), {.pid = 1, .uid = geteuid()})->allowed);
        ++count;
    }
    EXPECT_EQ(count, 7);
    EXPECT_FALSE(permission("org.signet.agent.Export", {.pid = 1, .uid = geteuid()}));
    EXPECT_FALSE(permission("Sign", {.pid = 1, .uid = geteuid()}));
}

TEST(Permission, IsThatOfTheSameUserOnly) {
    EXPECT_FALSE(permission("org.signet.agent.Sign", {.pid = 1, .uid = geteuid() + 1})->allowed);
}

}  // namespace
}  // namespace signet::agent
