#include "agent/permission.h"

#include "ipc/admin_codec.h"
#include "ipc/codec.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>
#include <string>
#include <vector>

namespace signet::agent {
namespace {

const ipc::Peer self{.pid = 1, .uid = geteuid()};

std::vector<std::string> methods_of(std::string_view interface) {
    const std::string description(*ipc::interface_description(interface));
    const std::regex method("\nmethod ([A-Za-z]+)");
    std::vector<std::string> names;
    for (std::sregex_iterator match(description.begin(), description.end(), method), end; match != end;
         ++match) {
        names.push_back(std::string(interface) + "." + match->str(1));
    }
    return names;
}

TEST(Permission, KnowsEveryMethodOfTheInterfaceFilesAndNoOther) {
    const auto used = methods_of(ipc::agent_interface);
    const auto administrative = methods_of(ipc::admin_interface);
    EXPECT_EQ(used.size(), 8U);
    EXPECT_EQ(administrative.size(), 17U);
    for (const auto& names : {used, administrative}) {
        for (const auto& name : names) {
            ASSERT_TRUE(permission(name, self, {})) << name;
            EXPECT_TRUE(permission(name, self, {})->allowed()) << name;
        }
    }
    EXPECT_FALSE(permission("org.signet.agent.Export", self, {}));
    EXPECT_FALSE(permission("org.signet.admin.Sign", self, {}));
    EXPECT_FALSE(permission("Sign", self, {}));
}

TEST(Permission, IsThatOfTheSameUserOnly) {
    const ipc::Peer other{.pid = 1, .uid = geteuid() + 1};
    EXPECT_FALSE(permission("org.signet.agent.Sign", other, {})->allowed());
    EXPECT_FALSE(permission("org.signet.admin.Show", other, {})->allowed());
}

TEST(Permission, OfAdministrationIsTakenAwayByItsSettingAndThatOfUseIsNot) {
    const Rights rights{.administration = false};
    for (const auto& name : methods_of(ipc::admin_interface)) {
        EXPECT_EQ(permission(name, self, rights)->refusal,
                  "administration is false in [agent] of signet.toml");
    }
    EXPECT_TRUE(permission("org.signet.agent.Sign", self, rights)->allowed());
}

}  // namespace
}  // namespace signet::agent
