#pragma once

#include "ipc/types.h"
#include "tests/support/softhsm.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace signet::test {

// What runs the vectors: the token host, the agent, or whatever speaks like them. The runner fills in
// everything of a call but the token.
struct KeyOperations {
    std::function<Result<Bytes>(ipc::SignCall)> sign{};
    std::function<Result<Bytes>(ipc::DecryptCall)> decrypt{};
    std::function<Result<Bytes>(ipc::DeriveCall)> derive{};
};

struct WycheproofReport {
    int run = 0;
    int skipped = 0;  // hash functions that signet does not have
    std::vector<std::string> failures;
};

// One file of vectors from the corpus, of the kinds RSAES decryption, RSASSA-PKCS1 generation and ECDH with
// points.
class WycheproofFile {
  public:
    explicit WycheproofFile(const std::string& name);
    ~WycheproofFile();
    WycheproofFile(const WycheproofFile&) = delete;
    WycheproofFile& operator=(const WycheproofFile&) = delete;

    void import_keys(KeyImporter& importer);
    // Vectors that are "valid" must give their answer, "acceptable" ones their answer or an error, "invalid"
    // ones an error; an invalid PKCS#1 v1.5 ciphertext no error and an answer other than the message.
    WycheproofReport run(const KeyOperations& operations) const;

  private:
    struct Content;
    std::unique_ptr<Content> m_content;
    std::map<std::string, std::string> m_key_ids;  // by private key as it stands in the file
};

}  // namespace signet::test
