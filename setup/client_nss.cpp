// Programs that read a certificate database which they share with others.
#include "setup/client.h"
#include "setup/processes.h"

#include <algorithm>
#include <system_error>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

struct Reader {
    const char* title;
    const char* process;
};

std::string why_in_use(const Reader& reader, const Surroundings& surroundings) {
    const auto processes = own_processes(surroundings);
    const auto running = std::find_if(processes.begin(), processes.end(), [&reader](const auto& process) {
        return process.name == reader.process;
    });
    return running == processes.end() ? std::string()
                                      : std::string(reader.title) + " is running (process " +
                                            std::to_string(running->pid) + "): close it first";
}

Result<Client> describe_reader(const Reader& reader, const fs::path& folder,
                               const Surroundings& surroundings) {
    std::error_code ignored;
    if (!fs::exists(folder / "pkcs11.txt", ignored)) {
        return failure(ErrorCode::not_found, "database",
                       std::string(reader.title) + " has no certificate database in " + folder.string() +
                           ": start it once, close it, and run this again");
    }
    Client client;
    client.parts.push_back(
        {.file = folder / "pkcs11.txt", .edit = NssModule{surroundings.installed.module.string()}});
    client.in_use = why_in_use(reader, surroundings);
    return client;
}

fs::path shared_database(const Surroundings& surroundings) {
    return surroundings.home / ".pki" / "nssdb";
}

}  // namespace

Result<Client> describe_evolution(const Surroundings& surroundings) {
    SIGNET_TRY(auto client, describe_reader({.title = "Evolution", .process = "evolution"},
                                            shared_database(surroundings), surroundings));
    client.notes.emplace_back(
        "choose the certificates in the account's settings, Security, Secure MIME; import the authorities "
        "that you trust in Preferences, Certificates");
    return client;
}

// It makes a database of its own, at the first connection with TLS, where there is none to share.
Result<Client> describe_chromium(const Surroundings& surroundings) {
    std::error_code ignored;
    const auto shared = shared_database(surroundings);
    const auto folder = fs::exists(shared, ignored) ? shared : surroundings.data_home() / "pki" / "nssdb";
    return describe_reader({.title = "Chromium", .process = "chromium"}, folder, surroundings);
}

}  // namespace signet::setup
