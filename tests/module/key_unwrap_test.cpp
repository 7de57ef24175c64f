#include "pkcs11/module/key_unwrap.h"

#include "tests/module/test_keys.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace signet::test {
namespace {

TEST(KeyUnwrap, OpensWhatOpensslWrapped) {
    for (const std::size_t size : {16U, 24U, 32U}) {
        for (const std::size_t length : {16U, 24U, 32U, 128U}) {
            const Bytes key(size, 0x11);
            const Bytes plain(length, 0x22);
            const auto opened = module::unwrap_key(key, wrap_with_aes(key, plain));
            ASSERT_TRUE(opened) << size;
            EXPECT_TRUE(std::ranges::equal(opened->expose(), plain)) << size;
        }
    }
}

TEST(KeyUnwrap, RefusesAWrongCheckValue) {
    const Bytes key(16, 0x11);
    Bytes wrapped = wrap_with_aes(key, Bytes(16, 0x22));
    wrapped.back() ^= 1;
    EXPECT_EQ(module::unwrap_key(key, wrapped).error(), CKR_ENCRYPTED_DATA_INVALID);
}

TEST(KeyUnwrap, RefusesLengthsThatAreNoWrappedKey) {
    for (const std::size_t length : {std::size_t{0}, std::size_t{8}, std::size_t{16}, std::size_t{23},
                                     std::size_t{25}, Secret::max_size + 16}) {
        EXPECT_EQ(module::unwrap_key(Bytes(16), Bytes(length)).error(), CKR_ENCRYPTED_DATA_LEN_RANGE);
    }
    EXPECT_EQ(module::unwrap_key(Bytes(17), Bytes(24)).error(), CKR_ENCRYPTED_DATA_INVALID);
}

}  // namespace
}  // namespace signet::test
