#pragma once

#include "cli/declaration.h"
#include "cli/encryption.h"

namespace signet::cli {

inline std::vector<std::string> cipher_names() {
    std::vector<std::string> names;
    names.reserve(ciphers().size());
    for (const auto& [name, cipher] : ciphers()) {
        names.push_back(name);
    }
    return names;
}

// What signet encrypt and signet sign have in common.
inline void add_encryption(CLI::App& command, EncryptionRequest& request) {
    add_list(command, "--to", request.to, "Encrypt to this address (repeatable)", "ADDRESS");
    add_list(command, "--cert", request.certificates, "File with certificates of recipients (repeatable)",
             "FILE");
    add_list(command, "--bcc", request.bcc, "Encrypt to this address in a message of its own (repeatable)",
             "ADDRESS");
    command
        .add_option("--bcc-out", request.bcc_folder,
                    "Write the message for each Bcc recipient to this folder")
        ->type_name("FOLDER");
    command.add_flag("--no-self", request.no_self, "Do not encrypt to the sender");
    command.add_option("--cipher", request.cipher, "Cipher of the content (default: aes128_cbc)")
        ->type_name("NAME")
        ->check(one_of(cipher_names()));
    command.add_flag("--oaep", request.oaep, "Wrap the key for RSA recipients with RSAES-OAEP");
}

}  // namespace signet::cli
