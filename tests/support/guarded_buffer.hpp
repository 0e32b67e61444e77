// SPDX-License-Identifier: MIT
// Memory between inaccessible pages, mapped twice: for writing, and at another address for reading only. A kernel that
// reads or writes one byte beyond either end, or writes to an input, ends in SIGSEGV.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <system_error>

namespace lanewise::test {

class guarded_buffer {
 public:
  // At least `bytes` bytes; size() is that rounded up to whole pages.
  explicit guarded_buffer(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    size_ = (bytes + page - 1) / page * page;
    reserved_ = 2 * size_ + 3 * page;  // guard, writable, guard, read-only, guard
    base_ = static_cast<std::byte*>(check(mmap(nullptr, reserved_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)));
    const int file = memfd_create("lanewise-test", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, static_cast<off_t>(size_)) != 0)
      throw std::system_error(errno, std::generic_category(), "guarded_buffer");
    writable_ = base_ + page;
    readable_ = writable_ + size_ + page;
    check(mmap(writable_, size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0));
    check(mmap(readable_, size_, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0));
    close(file);
  }
  guarded_buffer(const guarded_buffer&) = delete;
  guarded_buffer& operator=(const guarded_buffer&) = delete;
  ~guarded_buffer() { munmap(base_, reserved_); }

  std::size_t size() const { return size_; }
  std::byte* writable() const { return writable_; }  // both show the same memory
  std::byte* readable() const { return readable_; }

 private:
  static void* check(void* address) {
    if (address == MAP_FAILED) throw std::bad_alloc();
    return address;
  }

  std::size_t size_ = 0;
  std::size_t reserved_ = 0;
  std::byte* base_ = nullptr;
  std::byte* writable_ = nullptr;
  std::byte* readable_ = nullptr;
};

}  // namespace lanewise::test
