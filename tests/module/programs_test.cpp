#include "tests/module/fake_agent.h"
#include "tests/support/requirements.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <libp11.h>
#include <malloc.h>

namespace signet::test {
namespace {

// Programs that others wrote, with the module before an agent that has keys of every type.
class Programs : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::string(SIGNET_SANITIZE).empty()) {
            GTEST_SKIP() << "foreign programs cannot load a module built with a sanitizer";
        }
        agent.insert(make_token("alice", 0),
                     {rsa, ec, make_ed25519_key("ed", {3}), make_x25519_key("x", {4})});
        setenv("SIGNET_SOCKET", (folder / "agent.sock").c_str(), 1);
    }

    ProcessResult pkcs11_tool(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"pkcs11-tool", "--module", SIGNET_MODULE_PATH});
        return run(arguments);
    }
    [[nodiscard]] std::string file(std::string_view name) const { return (folder / name).string(); }

    TemporaryDirectory folder;
    FakeAgent agent{folder / "agent.sock"};
    TestKey rsa = make_rsa_key("rsa", {1});
    TestKey ec = make_ec_key("ec", {2});
};

TEST_F(Programs, Pkcs11ToolListsTokensMechanismsAndObjects) {
    SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
    const auto slots = pkcs11_tool({"-L"});
    EXPECT_EQ(slots.exit_status, 0) << slots.error_output;
    EXPECT_NE(slots.output.find("token label        : alice"), std::string::npos) << slots.output;
    EXPECT_NE(slots.output.find("PIN pad present"), std::string::npos) << slots.output;
    EXPECT_EQ(slots.output.find("login required"), std::string::npos) << slots.output;

    const auto mechanisms = pkcs11_tool({"-M"});
    EXPECT_EQ(mechanisms.exit_status, 0) << mechanisms.error_output;
    EXPECT_NE(mechanisms.output.find("RSA-PKCS-PSS"), std::string::npos) << mechanisms.output;
    EXPECT_EQ(mechanisms.output.find("RSA-X-509"), std::string::npos) << mechanisms.output;

    const auto objects = pkcs11_tool({"-O"});
    EXPECT_EQ(objects.exit_status, 0) << objects.error_output;
    for (const auto* expected : {"Private Key Object; RSA", "Private Key Object; EC",
                                 "Public Key Object; RSA 2048", "Certificate Object; type = X.509 cert"}) {
        EXPECT_NE(objects.output.find(expected), std::string::npos) << expected << '\n' << objects.output;
    }
    EXPECT_TRUE(objects.error_output.find("error") == std::string::npos) << objects.error_output;
}

TEST_F(Programs, Pkcs11ToolSignsWithAndWithoutLogin) {
    SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
    write_file(folder / "message", "a message");
    for (const auto& login : {std::vector<std::string>{}, std::vector<std::string>{"--login"}}) {
        std::vector<std::string> arguments{"--sign",        "--mechanism", "SHA256-RSA-PKCS",
                                           "--id",          "01",          "-i",
                                           file("message"), "-o",          file("signature")};
        arguments.insert(arguments.end(), login.begin(), login.end());
        const auto signing = pkcs11_tool(arguments);
        ASSERT_EQ(signing.exit_status, 0) << signing.error_output;
        ipc::SignCall call;
        call.scheme = SignatureScheme::rsa_pkcs1;
        call.hash = HashAlgorithm::sha256;
        call.data_is_message = true;
        call.data = {'a', ' ', 'm', 'e', 's', 's', 'a', 'g', 'e'};
        EXPECT_TRUE(verify_with(rsa.key.get(), call, as_bytes(read_file(folder / "signature"))));
    }
    EXPECT_EQ(agent.calls("Unlock"), 1);
}

TEST_F(Programs, Pkcs11ToolDecryptsAndDerives) {
    SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
    const Bytes ciphertext = encrypt_with(rsa.key.get(), as_bytes("secret"), 1);
    write_file(folder / "ciphertext", as_text(ciphertext));
    const auto decryption = pkcs11_tool({"--decrypt", "--mechanism", "RSA-PKCS", "--id", "01", "-i",
                                         file("ciphertext"), "-o", file("plaintext")});
    ASSERT_EQ(decryption.exit_status, 0) << decryption.error_output;
    EXPECT_EQ(read_file(folder / "plaintext"), "secret");

    const auto other = make_ec_key("other", {1});
    write_file(folder / "other.der", as_text(other.info.public_key_info));
    const auto derivation = pkcs11_tool({"--derive", "--mechanism", "ECDH1-DERIVE", "--id", "02", "-i",
                                         file("other.der"), "-o", file("secret")});
    ASSERT_EQ(derivation.exit_status, 0) << derivation.error_output;
    ipc::DeriveCall call;
    call.public_key = public_point(ec.key.get());
    EXPECT_EQ(read_file(folder / "secret"), as_text(*derive_with(other.key.get(), call)));
}

TEST_F(Programs, Pkcs11ToolPassesItsOwnTest) {
    SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
    const auto test = pkcs11_tool({"--test"});
    EXPECT_EQ(test.exit_status, 0) << test.output << test.error_output;
    EXPECT_NE(test.output.find("No errors"), std::string::npos) << test.output;
}

TEST_F(Programs, P11toolListsEverything) {
    SIGNET_REQUIRE_PROGRAM("p11tool");
    const auto listing =
        run({"p11tool", "--provider", SIGNET_MODULE_PATH, "--list-all", "pkcs11:token=alice"});
    EXPECT_EQ(listing.exit_status, 0) << listing.error_output;
    for (const auto* expected :
         {"object=rsa;type=private", "object=ec;type=private", "object=rsa;type=cert"}) {
        EXPECT_NE(listing.output.find(expected), std::string::npos) << expected << '\n' << listing.output;
    }
}

TEST_F(Programs, P11toolListsManyCertificatesInOneRoundTrip) {
    SIGNET_REQUIRE_PROGRAM("p11tool");
    auto token = make_token("bob", 1);
    for (int i = 0; i < 24; ++i) {
        token.certificates.push_back(make_certificate(ec, "Certificate " + std::to_string(i)));
    }
    agent.remove("alice");
    agent.insert(token, {ec});
    const auto listing =
        run({"p11tool", "--provider", SIGNET_MODULE_PATH, "--list-all-certs", "pkcs11:token=bob"});
    EXPECT_EQ(listing.exit_status, 0) << listing.error_output;
    EXPECT_NE(listing.output.find("Object 23:"), std::string::npos) << listing.output;
    EXPECT_EQ(agent.calls("GetInventory"), 1);
}

TEST_F(Programs, P11toolTestsThatItCanSign) {
    SIGNET_REQUIRE_PROGRAM("p11tool");
    for (const auto* label : {"rsa", "ec"}) {
        const auto signing = run({"p11tool", "--provider", SIGNET_MODULE_PATH, "--test-sign", "--batch",
                                  std::string("pkcs11:token=alice;object=") + label + ";type=private"});
        EXPECT_EQ(signing.exit_status, 0) << signing.output << signing.error_output;
    }
}

TEST_F(Programs, OpensslEngineSigns) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    write_file(folder / "digest", std::string(32, 'd'));
    const auto signing = run(
        {"openssl", "pkeyutl", "-engine", "pkcs11", "-keyform", "engine", "-sign", "-inkey",
         "pkcs11:token=alice;object=ec;type=private", "-in", file("digest"), "-out", file("signature")},
        {.input = {}, .variables = {{"PKCS11_MODULE_PATH", SIGNET_MODULE_PATH}}, .working_directory = {}});
    EXPECT_EQ(signing.exit_status, 0) << signing.error_output;
    EXPECT_EQ(agent.calls("Sign"), 1);
}

TEST_F(Programs, LoseNoMemoryWhenTheyLoadAndUnloadTheModule) {
    const auto load_and_unload = [] {
        void* const loaded = dlopen(SIGNET_MODULE_PATH, RTLD_NOW);
        ASSERT_NE(loaded, nullptr) << dlerror();
        dlclose(loaded);
        ASSERT_EQ(dlopen(SIGNET_MODULE_PATH, RTLD_NOW | RTLD_NOLOAD), nullptr);
    };
    load_and_unload();
    const auto before = mallinfo2().uordblks;
    for (int round = 0; round < 10; ++round) {
        load_and_unload();
    }
    EXPECT_LT(mallinfo2().uordblks, before + 10'000);
}

TEST_F(Programs, Libp11ListsKeysBesideAnEd25519Key) {
    PKCS11_CTX* context = PKCS11_CTX_new();
    ASSERT_EQ(PKCS11_CTX_load(context, SIGNET_MODULE_PATH), 0);
    PKCS11_SLOT* slots = nullptr;
    unsigned slot_count = 0;
    ASSERT_EQ(PKCS11_enumerate_slots(context, &slots, &slot_count), 0);
    PKCS11_SLOT* slot = PKCS11_find_token(context, slots, slot_count);
    ASSERT_NE(slot, nullptr);
    PKCS11_KEY* keys = nullptr;
    unsigned key_count = 0;
    EXPECT_EQ(PKCS11_enumerate_keys(slot->token, &keys, &key_count), 0);
    EXPECT_EQ(key_count, 2U);
    PKCS11_CERT* certificates = nullptr;
    unsigned certificate_count = 0;
    EXPECT_EQ(PKCS11_enumerate_certs(slot->token, &certificates, &certificate_count), 0);
    EXPECT_EQ(certificate_count, 3U);
    PKCS11_release_all_slots(context, slots, slot_count);
    PKCS11_CTX_unload(context);
    PKCS11_CTX_free(context);
}

}  // namespace
}  // namespace signet::test
