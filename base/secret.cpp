#include "base/secret.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace signet {
namespace {

// A whole mapping, since locks and MADV_DONTDUMP work on pages.
constexpr std::size_t mapping_size = 4096;
static_assert(Secret::max_size < mapping_size);

// -1 for no digit.
int digit_value(std::uint8_t digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const int lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

Secret::Secret(std::size_t capacity) : m_capacity(capacity) {
    if (capacity > max_size) {
        throw std::bad_alloc();
    }
    void* mapping = mmap(nullptr, mapping_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        throw std::bad_alloc();
    }
    // A refused lock (RLIMIT_MEMLOCK) leaves the secret usable: refusing service would not protect it.
    (void)mlock(mapping, mapping_size);
    (void)madvise(mapping, mapping_size, MADV_DONTDUMP);
    m_data = static_cast<std::uint8_t*>(mapping);
}

Secret::Secret(Secret&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)),
      m_capacity(std::exchange(other.m_capacity, 0)),
      m_size(std::exchange(other.m_size, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    std::swap(m_data, other.m_data);
    std::swap(m_capacity, other.m_capacity);
    std::swap(m_size, other.m_size);
    return *this;
}

Secret::~Secret() {
    if (m_data != nullptr) {
        explicit_bzero(m_data, mapping_size);
        munmap(m_data, mapping_size);
    }
}

Result<Secret> Secret::copy_of(ByteView content) {
    if (content.size() > max_size) {
        return failure(ErrorCode::too_large, "Secret", "longer than 3072 octets");
    }
    Secret secret(max_size);
    if (!content.empty()) {
        std::memcpy(secret.m_data, content.data(), content.size());
    }
    secret.m_size = content.size();
    return secret;
}

Result<Secret> Secret::read_from(const FileDescriptor& source) {
    Secret secret(max_size);
    for (;;) {
        // One octet more than fits tells "full" from "too long"; the mapping has room for it.
        const ssize_t count =
            read(source.get(), secret.m_data + secret.m_size, secret.m_capacity + 1 - secret.m_size);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return errno_failure("read", "secret", errno);
        }
        if (count == 0) {
            return secret;
        }
        secret.m_size += static_cast<std::size_t>(count);
        if (secret.m_size > max_size) {
            return failure(ErrorCode::too_large, "Secret", "longer than 3072 octets");
        }
    }
}

Result<FileDescriptor> Secret::to_pipe() const {
    SIGNET_TRY(auto ends, make_pipe());
    // Never blocks: max_size is below PIPE_BUF.
    if (m_size > 0 && write(ends.write_end.get(), m_data, m_size) != static_cast<ssize_t>(m_size)) {
        return errno_failure("write", "secret pipe", errno);
    }
    return std::move(ends.read_end);
}

Secret Secret::clone() const {
    Secret copy(max_size);
    if (m_size > 0) {
        std::memcpy(copy.m_data, m_data, m_size);
    }
    copy.m_size = m_size;
    return copy;
}

Result<void> Secret::append(ByteView content) {
    if (content.size() > m_capacity - m_size) {
        return failure(ErrorCode::too_large, "Secret", "longer than its capacity");
    }
    if (!content.empty()) {
        std::memcpy(m_data + m_size, content.data(), content.size());
    }
    m_size += content.size();
    return {};
}

void Secret::strip_line_end() {
    if (m_size > 0 && m_data[m_size - 1] == '\n') {
        m_data[--m_size] = 0;
        if (m_size > 0 && m_data[m_size - 1] == '\r') {
            m_data[--m_size] = 0;
        }
    }
}

Result<Secret> Secret::from_hex_digits() const {
    if (m_size == 0 || m_size % 2 != 0) {
        return failure(ErrorCode::malformed, "hexadecimal", "not an even number of hexadecimal digits");
    }
    Secret octets(m_size / 2);
    for (std::size_t i = 0; i < m_size; i += 2) {
        const int high = digit_value(m_data[i]);
        const int low = digit_value(m_data[i + 1]);
        if (high < 0 || low < 0) {
            return failure(ErrorCode::malformed, "hexadecimal", "not hexadecimal digits");
        }
        octets.m_data[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
    }
    octets.m_size = m_size / 2;
    return octets;
}

void Secret::wipe() {
    if (m_data != nullptr) {
        explicit_bzero(m_data, mapping_size);
    }
    m_size = 0;
}

}  // namespace signet
