// The fuzz targets by name; the table is written by cmake/walls.cmake.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

using FuzzTarget = int (*)(const std::uint8_t*, std::size_t);
const std::map<std::string, FuzzTarget>& fuzz_targets();
