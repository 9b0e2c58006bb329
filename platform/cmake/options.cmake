# SPDX-License-Identifier: GPL-3.0-or-later
# Compiler settings of the whole tree, as one interface target.
option(IKESH_TESTS "Build the tests" OFF)
option(IKESH_WERROR "Warnings are errors" OFF)
option(IKESH_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(IKESH_COVERAGE "Instrument for gcov" OFF)
set(IKESH_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(ikesh_options INTERFACE)
target_include_directories(ikesh_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(ikesh_options INTERFACE _GNU_SOURCE IKESH_VERSION="${PROJECT_VERSION}")
# Texts for operators are cut to their buffers on purpose: no -Wformat-truncation.
target_compile_options(ikesh_options INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
  -Wvla -Wundef -Wformat=2 $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>
  $<$<C_COMPILER_ID:Clang>:-Wno-missing-field-initializers> -Wswitch-enum -Wpointer-arith -fno-common
  $<$<BOOL:${IKESH_WERROR}>:-Werror>)

# Assertions stay on in every build.
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELWITHDEBINFO "${CMAKE_C_FLAGS_RELWITHDEBINFO}")
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "${CMAKE_C_FLAGS_RELEASE}")

if(IKESH_SANITIZE)
  target_compile_options(ikesh_options INTERFACE
    -fsanitize=${IKESH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -O1)
  target_link_options(ikesh_options INTERFACE -fsanitize=${IKESH_SANITIZE})
else()
  target_compile_options(ikesh_options INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2> -fstack-protector-strong
    $<$<NOT:$<CONFIG:Debug>>:-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.>
    -fstack-clash-protection -fcf-protection $<$<AND:$<C_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-ftrivial-auto-var-init=zero>)
  target_link_options(ikesh_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
if(IKESH_FUZZ)
  target_compile_options(ikesh_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(IKESH_COVERAGE)
  target_compile_options(ikesh_options INTERFACE --coverage)
  target_link_options(ikesh_options INTERFACE --coverage)
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
