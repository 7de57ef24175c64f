#pragma once

#include "base/algorithms.h"
#include "base/bytes.h"

struct nettle_hash;

namespace signet::module {

// The hash of a message that comes in parts.
class MessageDigest {
  public:
    explicit MessageDigest(HashAlgorithm hash);

    void update(ByteView part);
    // The hash of all parts; the next one begins another message.
    Bytes finish();

  private:
    const nettle_hash* m_hash;
    Bytes m_context;  // nettle's, whose size is known at run time alone
};

}  // namespace signet::module
