// Commands that reach a PIV card: by our driver, and by other people's modules on the same emulated card. A
// real card needs 10 to 30 ms for each, so their number is what people feel.
#include "piv/driver.h"
#include "tests/piv-card/desk.h"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>

namespace {

using namespace signet;
using namespace signet::test;

struct Row {
    std::string what;
    std::string goal;
    std::size_t commands;
};

[[noreturn]] void give_up(const std::string& what, const Error& error) {
    std::fprintf(stderr, "%s: %s: %s\n", what.c_str(), error.operation.c_str(), error.detail.c_str());
    std::exit(1);
}

// Every key that SP 800-73-4 part 1, table 2 demands of a card, and a retired one.
FullCard complete_card(TestAuthority& authority) {
    FullCard card = full_card(authority);
    const auto& key = piv_card::put_key(card.state, 0x9E, piv_card::KeyAlgorithm::p256);
    piv_card::put_certificate(card.state, 0x9E, authority.issue(key.get(), "slot 9e", "card@example.test"));
    return card;
}

class Measurement {
  public:
    Measurement() : m_card(complete_card(m_authority)), m_desk(m_card.state) {
        for (const auto& [name, value] : m_desk.pcscd().variables()) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        write_file(m_desk.path("data"), "data");
    }

    std::vector<Row> run();

  private:
    // A driver as of a new process, with a cache of its own or with the one of before.
    void start(bool deauthenticate, bool new_cache = false) {
        m_caches += new_cache ? 1 : 0;
        m_driver.reset();
        m_driver = std::make_unique<piv::Driver>(
            piv::DriverSettings{.reader = m_desk.pcscd().slot_name(),
                                .state_directory = m_files / "state",
                                .cache_directory = m_files / ("cache" + std::to_string(m_caches)),
                                .deauthenticate = deauthenticate});
    }
    void count(const std::string& what, const std::string& goal, const std::function<void()>& work) {
        (void)m_desk.card().new_apdus();
        work();
        m_rows.push_back({what, goal, m_desk.card().new_apdus().size()});
    }
    void list() {
        const auto inventory = m_driver->inventory();
        if (!inventory) {
            give_up("inventory", inventory.error());
        }
        m_token = inventory->tokens.at(0).id;
    }
    void sign(std::uint8_t reference, SignatureScheme scheme, const Secret* pin = nullptr) {
        const auto id = x509::key_identifier(m_card.certificates.at(reference).public_key_info());
        const auto signature = m_driver->worker()->sign(
            {m_token, id},
            {.scheme = scheme, .hash = HashAlgorithm::sha256, .data = Bytes(32, 1), .data_is_message = false},
            pin);
        if (!signature) {
            give_up("sign", signature.error());
        }
    }
    void signatures(const std::string& form, const std::string& goal, bool deauthenticate);
    void peers();

    TestAuthority m_authority;
    FullCard m_card;
    TemporaryDirectory m_files;
    Desk m_desk;
    std::unique_ptr<piv::Driver> m_driver;
    std::string m_token;
    std::vector<Row> m_rows;
    int m_caches = 0;
};

void Measurement::signatures(const std::string& form, const std::string& goal, bool deauthenticate) {
    const std::string suffix = ", " + form + ", deauthenticate = " + (deauthenticate ? "true" : "false");
    start(deauthenticate, true);
    list();
    const Secret pin = Secret::copy_of(as_bytes(InsertedCard::pin)).value();
    if (const auto done = m_driver->login(m_token, &pin); !done) {
        give_up("login", done.error());
    }
    count("signet: RSA-2048 signature" + suffix, goal, [this] { sign(0x9a, SignatureScheme::rsa_pkcs1); });
    count("signet: PIN-always signature" + suffix, "",
          [this, &pin] { sign(0x9c, SignatureScheme::ecdsa, &pin); });
}

void Measurement::peers() {
    const std::vector<std::string> sign{
        "--login", "--pin", InsertedCard::pin, "--sign", "-m", "SHA256-RSA-PKCS", "--id", "01", "-i",
        "data",    "-o",    "signature"};
    for (const auto& [name, module] : {std::pair{"OpenSC", opensc_module}, {"ykcs11", ykcs11_module}}) {
        if (std::filesystem::exists(module)) {
            count(std::string(name) + ": RSA-2048 signature, new process", "",
                  [&, path = module] { (void)m_desk.succeed(Desk::pkcs11(path, sign)); });
        }
    }
}

std::vector<Row> Measurement::run() {
    signatures("extended length", "1", false);
    signatures("extended length", "1 + 2 + 1", true);
    start(true);
    count("signet: card known from before", "5", [this] { list(); });
    start(true, true);
    count("signet: card never seen (Yubico), 8 objects, 5 keys that it tells", "", [this] { list(); });
    count("signet: nothing to do for 2 s", "0", [] { std::this_thread::sleep_for(std::chrono::seconds(2)); });
    m_desk.card().set("extended=off");
    signatures("short length", "3", false);
    signatures("short length", "3 + 2 + 1", true);
    start(true);
    count("signet: card known from before, short length", "5", [this] { list(); });
    m_desk.card().set("extended=on");
    peers();
    m_desk.card().set("yubico=off");
    start(true, true);
    count("signet: card never seen (plain), 8 objects", "3 + objects", [this] { list(); });
    return m_rows;
}

}  // namespace

int main() {
    if (!Pcscd::available() || !ReaderNamespace::permitted()) {
        std::fputs("bench-piv needs pcscd, vsmartcard-vpcd, iproute2, unshare, and namespaces\n", stderr);
        return 1;
    }
    std::printf("%-72s %-14s %s\n", "", "goal", "APDUs");
    for (const Row& row : Measurement().run()) {
        std::printf("%-72s %-14s %zu\n", row.what.c_str(), row.goal.c_str(), row.commands);
    }
    return 0;
}
