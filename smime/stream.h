#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

// How mails of any size pass through: nothing here holds more than a block in memory.
namespace signet::smime {

inline constexpr std::size_t stream_block_size = std::size_t{256} << 10;

// Room for octets, not initialised: a small mail costs no more memory than it has octets.
class Block {
  public:
    explicit Block(std::size_t size = stream_block_size)
        : m_octets(std::make_unique_for_overwrite<char[]>(size)), m_size(size) {}
    [[nodiscard]] char* data() const { return m_octets.get(); }
    [[nodiscard]] std::size_t size() const { return m_size; }
    [[nodiscard]] char* begin() const { return data(); }
    [[nodiscard]] char* end() const { return data() + m_size; }

  private:
    std::unique_ptr<char[]> m_octets;
    std::size_t m_size;
};

// Octets from `begin` up to, not including, `end` of a Source.
struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    [[nodiscard]] std::uint64_t size() const { return end - begin; }
    friend bool operator==(const Range&, const Range&) = default;
};

// Octets that can be read at any place and as often as needed: a mail as it came.
class Source {
  public:
    virtual ~Source() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    // Fills `buffer` from `offset`; the count is smaller only at the end. Safe from several threads.
    [[nodiscard]] virtual Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const = 0;
};

// Octets that come once, in order.
class Reader {
  public:
    virtual ~Reader() = default;
    // At least one octet, or 0 at the end.
    virtual Result<std::size_t> read(std::span<char> buffer) = 0;
};

// Takes octets in order. An error is final.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual Result<void> write(std::string_view octets) = 0;
};

// Nobody reads what was written before its owner lets it out, so that it can be taken back.
class WithheldSink : public Sink {
  public:
    // Drops all that was written.
    virtual Result<void> restart() = 0;
};

// A part of a source, which it borrows.
class RangeReader final : public Reader {
  public:
    RangeReader(const Source& source, Range range) : m_source(source), m_range(range) {}
    explicit RangeReader(const Source& source) : RangeReader(source, {0, source.size()}) {}
    Result<std::size_t> read(std::span<char> buffer) override;

  private:
    const Source& m_source;
    Range m_range;
};

Result<void> copy(Reader& from, Sink& to);
// More than `limit` octets are too_large.
Result<std::string> read_all(Reader& from, std::size_t limit);
Result<std::string> read_all(const Source& source, Range range, std::size_t limit);

// A text in memory, which it borrows.
class TextSource final : public Source {
  public:
    explicit TextSource(std::string_view text) : m_text(text) {}
    [[nodiscard]] std::uint64_t size() const override { return m_text.size(); }
    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const override;

  private:
    std::string_view m_text;
};

class TextSink final : public Sink {
  public:
    Result<void> write(std::string_view octets) override;
    [[nodiscard]] const std::string& text() const { return m_text; }
    std::string take() { return std::move(m_text); }

  private:
    std::string m_text;
};

// Writes the same to two sinks, which it borrows.
class TeeSink final : public Sink {
  public:
    TeeSink(Sink& first, Sink& second) : m_first(first), m_second(second) {}
    Result<void> write(std::string_view octets) override;

  private:
    Sink& m_first;
    Sink& m_second;
};

// Collects small pieces into blocks.
class BlockSink final : public Sink {
  public:
    explicit BlockSink(Sink& next) : m_next(next) {}
    Result<void> write(std::string_view octets) override;
    // Passes on what is left.
    Result<void> flush();

  private:
    Sink& m_next;
    std::string m_block;
};

}  // namespace signet::smime
