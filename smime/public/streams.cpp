#include "smime/file_stream.h"
#include "smime/public/convert.h"

#include <fcntl.h>

#include <cerrno>

namespace signet::mail {
namespace {

class SourceInput final : public Input {
  public:
    explicit SourceInput(std::unique_ptr<smime::Source> source) : m_source(std::move(source)) {}
    [[nodiscard]] std::uint64_t size() const override { return m_source->size(); }
    Status read(std::uint64_t offset, char* buffer, std::size_t capacity, std::size_t& count) const override {
        const auto result = m_source->read(offset, {buffer, capacity});
        count = result.value_or(0);
        return status_of(result);
    }

  private:
    std::unique_ptr<smime::Source> m_source;
};

class DescriptorOutput final : public Output {
  public:
    explicit DescriptorOutput(int descriptor) : m_descriptor(descriptor) {}
    DescriptorOutput(const DescriptorOutput&) = delete;
    DescriptorOutput& operator=(const DescriptorOutput&) = delete;
    ~DescriptorOutput() override { m_descriptor.release(); }
    Status write(std::string_view octets) override {
        return status_of(smime::FileSink(m_descriptor).write(octets));
    }

  private:
    FileDescriptor m_descriptor;  // the caller's
};

}  // namespace

Input::~Input() = default;
Output::~Output() = default;

Status TextInput::read(std::uint64_t offset, char* buffer, std::size_t capacity, std::size_t& count) const {
    const auto result = smime::TextSource(m_text).read(offset, {buffer, capacity});
    count = result.value_or(0);
    return status_of(result);
}

Status TextOutput::write(std::string_view octets) {
    m_text += octets;
    return {};
}

Status open_input(int descriptor, std::unique_ptr<Input>& input) {
    FileDescriptor file(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    if (!file.valid()) {
        return status_of(errno_error("read", {}, errno));
    }
    auto source = smime::source_of(std::move(file));
    if (source) {
        input = std::make_unique<SourceInput>(std::move(*source));
    }
    return status_of(source);
}

std::unique_ptr<Output> output_to(int descriptor) {
    return std::make_unique<DescriptorOutput>(descriptor);
}

}  // namespace signet::mail
