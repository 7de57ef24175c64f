#include "setup/client.h"

namespace signet::setup {

Result<Client> describe_ssh(const Surroundings& surroundings) {
    const std::string module = surroundings.installed.module.string();
    Client client;
    // For ssh the first value counts: what the person says of a host stands before it.
    client.parts.push_back({.file = surroundings.home / ".ssh" / "config",
                            .edit = block_for(ClientName::ssh, "Host *\n    PKCS11Provider " + module + "\n"),
                            .mode = 0600,
                            .folder_mode = 0700});
    client.notes.push_back("the public keys for authorized_keys: ssh-keygen -D " + module);
    client.notes.push_back("an ssh-agent that is to have the keys too wants: ssh-add -s " + module);
    client.notes.emplace_back(
        "signet-ssh-agent(1) does the same without a module in each ssh, and asks before each use where that "
        "is wanted");
    return client;
}

}  // namespace signet::setup
