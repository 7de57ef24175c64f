#include "smime/spool.h"

#include "smime/file_stream.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <openssl/rand.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

namespace signet::smime {
namespace {

using CipherContextPointer = x509::Pointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

constexpr std::size_t key_size = 32;
constexpr std::size_t cipher_block_size = 16;

bool is_in_memory(const FileDescriptor& file) {
    struct statfs information {};
    return fstatfs(file.get(), &information) != 0 || information.f_type == TMPFS_MAGIC ||
           information.f_type == RAMFS_MAGIC;
}

FileDescriptor unlinked_file_in(const std::string& folder) {
    FileDescriptor file(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file.valid()) {
        return file;
    }
    // File systems without O_TMPFILE.
    std::string path = folder + "/signet-XXXXXX";
    file = FileDescriptor(mkostemp(path.data(), O_CLOEXEC));
    if (file.valid()) {
        unlink(path.c_str());
    }
    return file;
}

Result<FileDescriptor> unlinked_file() {
    const char* chosen = std::getenv("TMPDIR");
    for (const std::string folder : {chosen != nullptr ? chosen : "", "/var/tmp", "."}) {
        if (folder.empty()) {
            continue;
        }
        FileDescriptor file = unlinked_file_in(folder);
        if (file.valid() && !is_in_memory(file)) {
            return file;
        }
    }
    return failure(ErrorCode::input_output, "write",
                   "a temporary file: no folder on a disk takes one; set TMPDIR to one that does");
}

// Encrypts or decrypts in place what stands at `offset` of the file; CTR is its own inverse.
Result<void> apply_key(const Secret& key, std::uint64_t offset, std::span<char> octets) {
    std::array<unsigned char, cipher_block_size> counter{};
    std::uint64_t block = offset / cipher_block_size;
    for (std::size_t i = counter.size(); i > counter.size() - sizeof(block); --i) {
        counter.at(i - 1) = static_cast<unsigned char>(block & 0xff);
        block >>= 8;
    }
    const CipherContextPointer context(EVP_CIPHER_CTX_new());
    std::array<unsigned char, cipher_block_size> skipped{};
    int count = 0;
    if (!context ||
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_ctr(), nullptr, key.expose().data(), counter.data()) !=
            1 ||
        EVP_EncryptUpdate(context.get(), skipped.data(), &count, skipped.data(),
                          static_cast<int>(offset % cipher_block_size)) != 1) {
        return x509::openssl_failure("EVP_EncryptUpdate");
    }
    while (!octets.empty()) {
        const auto piece = octets.first(std::min(octets.size(), stream_block_size));
        auto* data = reinterpret_cast<unsigned char*>(piece.data());
        if (EVP_EncryptUpdate(context.get(), data, &count, data, static_cast<int>(piece.size())) != 1) {
            return x509::openssl_failure("EVP_EncryptUpdate");
        }
        octets = octets.subspan(piece.size());
    }
    return {};
}

Result<Secret> random_key() {
    std::array<std::uint8_t, key_size> octets{};
    if (RAND_priv_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        return x509::openssl_failure("RAND_priv_bytes");
    }
    auto key = Secret::copy_of(octets);
    signet::wipe(octets);
    return key;
}

}  // namespace

Result<void> Spool::append(std::string_view octets) {
    std::vector<char> block(octets.begin(), octets.end());
    SIGNET_CHECK(apply_key(m_key, m_size, block));
    FileSink file(m_file);
    SIGNET_CHECK(file.write({block.data(), block.size()}));
    m_size += octets.size();
    return {};
}

Result<void> Spool::move_to_file() {
    SIGNET_TRY(m_file, unlinked_file());
    SIGNET_TRY(m_key, random_key());
    const std::string memory = std::exchange(m_memory, {});
    m_size = 0;
    return append(memory);
}

Result<void> Spool::write(std::string_view octets) {
    if (!m_file.valid()) {
        if (m_memory.size() + octets.size() <= memory_size) {
            m_memory += octets;
            m_size = m_memory.size();
            return {};
        }
        SIGNET_CHECK(move_to_file());
    }
    while (!octets.empty()) {
        const std::string_view piece = octets.substr(0, stream_block_size);
        SIGNET_CHECK(append(piece));
        octets.remove_prefix(piece.size());
    }
    return {};
}

Result<void> Spool::restart() {
    m_memory.clear();
    m_file = FileDescriptor();
    m_size = 0;
    return {};
}

Result<std::size_t> Spool::read(std::uint64_t offset, std::span<char> buffer) const {
    if (!m_file.valid()) {
        return TextSource(m_memory).read(offset, buffer);
    }
    SIGNET_TRY(const std::size_t filled, read_at(m_file, offset, buffer));
    SIGNET_CHECK(apply_key(m_key, offset, buffer.first(filled)));
    return filled;
}

}  // namespace signet::smime
