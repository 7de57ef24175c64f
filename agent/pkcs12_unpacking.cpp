#include "agent/pkcs12_unpacking.h"

#include "agent/spawn.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <utility>

namespace signet::agent {
namespace {

// Files that want many iterations of their key derivation take seconds.
constexpr std::chrono::seconds unpacking_deadline{30};
constexpr std::size_t max_certificates_size = std::size_t{1} << 20;
// Exit status of signet-token --unpack-pkcs12.
constexpr int wrong_password = 3;

Failure unpack_failure(ErrorCode code, std::string detail) {
    return failure(code, "unpack PKCS#12", std::move(detail));
}

Result<void> check_ending(int wait_status) {
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) {
        return {};
    }
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == wrong_password) {
        return unpack_failure(ErrorCode::not_allowed, "the password is wrong, or the file was changed");
    }
    return WIFEXITED(wait_status) ? unpack_failure(ErrorCode::invalid_parameter, "pkcs12")
                                  : unpack_failure(ErrorCode::driver_failed,
                                                   "the process that unpacks PKCS#12 files has crashed");
}

// The process, from its start to its end. Kept alive by the handlers that wait.
class Unpacking : public std::enable_shared_from_this<Unpacking> {
  public:
    Unpacking(ipc::EventLoop& loop, std::function<void(Result<UnpackedPkcs12>)> done)
        : m_loop(loop), m_done(std::move(done)), m_deadline(loop) {}
    ~Unpacking() {
        if (m_pid > 0) {
            kill(m_pid, SIGKILL);
            waitpid(m_pid, nullptr, 0);
        }
    }
    Unpacking(const Unpacking&) = delete;
    Unpacking& operator=(const Unpacking&) = delete;

    Result<void> start(const FileDescriptor& file, const Secret& password) {
        SIGNET_TRY(const auto program, helper_program("signet-token"));
        SIGNET_TRY(auto passed, passed_descriptors(file, password));
        SIGNET_TRY(auto child, spawn_child({.arguments = {program, "--unpack-pkcs12", "3,4,5,6"},
                                            .descriptors = std::move(passed)}));
        m_pid = child.pid;
        m_exit.emplace(m_loop, std::move(child.pidfd));
        wait_for_certificates();
        m_deadline.start(unpacking_deadline, [self = shared_from_this()] {
            self->end(unpack_failure(ErrorCode::timeout, "the PKCS#12 file took too long to unpack"));
        });
        return {};
    }

  private:
    // File, password, key, certificates.
    Result<std::vector<FileDescriptor>> passed_descriptors(const FileDescriptor& file,
                                                           const Secret& password) {
        (void)lseek(file.get(), 0, SEEK_SET);
        std::vector<FileDescriptor> passed;
        passed.emplace_back(fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
        if (!passed.back().valid()) {
            return errno_failure("fcntl", "PKCS#12 file", errno);
        }
        SIGNET_TRY(auto password_pipe, password.to_pipe());
        SIGNET_TRY(auto key_pipe, make_pipe());
        SIGNET_TRY(auto certificate_pipe, make_pipe());
        const int reading = certificate_pipe.read_end.get();
        if (fcntl(reading, F_SETFL, fcntl(reading, F_GETFL) | O_NONBLOCK) != 0) {
            return errno_failure("fcntl", "certificates", errno);
        }
        passed.push_back(std::move(password_pipe));
        passed.push_back(std::move(key_pipe.write_end));
        passed.push_back(std::move(certificate_pipe.write_end));
        m_result.private_key = std::move(key_pipe.read_end);
        m_certificate_watch.emplace(m_loop, std::move(certificate_pipe.read_end));
        return passed;
    }

    void wait_for_certificates() {
        m_certificate_watch->wait([self = shared_from_this()] { self->read_certificates(); });
    }

    void read_certificates() {
        std::array<std::uint8_t, 4096> block{};
        const ssize_t count = read(m_certificate_watch->descriptor(), block.data(), block.size());
        if (count > 0 && m_certificates.size() < max_certificates_size) {
            m_certificates.insert(m_certificates.end(), block.begin(), block.begin() + count);
        }
        if (count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))) {
            wait_for_certificates();
            return;
        }
        m_exit->wait([self = shared_from_this()] { self->exited(); });
    }

    void exited() {
        int status = 0;
        waitpid(std::exchange(m_pid, -1), &status, 0);
        if (const auto well = check_ending(status); !well) {
            end(Failure(well.error()));
            return;
        }
        m_result.certificate = first_der_value(m_certificates);
        end(std::move(m_result));
    }

    // Lets go of what waits, and with it of this object.
    void end(Result<UnpackedPkcs12> result) {
        m_certificate_watch.reset();
        m_exit.reset();
        m_deadline.cancel();
        if (const auto done = std::exchange(m_done, nullptr)) {
            done(std::move(result));
        }
    }

    ipc::EventLoop& m_loop;
    std::function<void(Result<UnpackedPkcs12>)> m_done;
    ipc::Timer m_deadline;
    pid_t m_pid = -1;
    std::optional<ipc::ReadWatch> m_exit;
    std::optional<ipc::ReadWatch> m_certificate_watch;
    Bytes m_certificates;
    UnpackedPkcs12 m_result;
};

}  // namespace

void unpack_pkcs12(ipc::EventLoop& loop, const FileDescriptor& file, const Secret& password,
                   std::function<void(Result<UnpackedPkcs12>)> done) {
    const auto unpacking = std::make_shared<Unpacking>(loop, done);
    if (auto started = unpacking->start(file, password); !started) {
        done(Failure(std::move(started).error()));
    }
}

Bytes first_der_value(ByteView octets) {
    constexpr std::size_t long_form = 0x80;
    constexpr std::size_t most_length_octets = 4;
    if (octets.size() < 2) {
        return {};
    }
    std::size_t header = 2;
    std::size_t length = octets[1];
    if (length > long_form) {
        const std::size_t count = length - long_form;
        if (count > most_length_octets || octets.size() < header + count) {
            return {};
        }
        length = 0;
        for (std::size_t i = 0; i < count; ++i) {
            length = length << 8 | octets[header + i];
        }
        header += count;
    }
    if (length > octets.size() - header) {
        return {};
    }
    return {octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(header + length)};
}

}  // namespace signet::agent
