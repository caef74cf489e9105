# The runtime is Debian's libtree-sitter; the grammars are C sources in third_party/node_modules
# (installed by the launcher with `npm ci --ignore-scripts`).
pkg_check_modules(ts REQUIRED IMPORTED_TARGET tree-sitter)
set(grammars ${CMAKE_SOURCE_DIR}/third_party/node_modules)
if(NOT EXISTS ${grammars}/tree-sitter-bash)
  message(FATAL_ERROR "third_party/node_modules is missing: run ./assay, or `npm ci --ignore-scripts` in third_party")
endif()
add_library(tree_sitter STATIC)
foreach(folder tree-sitter-bash tree-sitter-python tree-sitter-javascript tree-sitter-php/php
        tree-sitter-ruby tree-sitter-powershell @ganezdragon/tree-sitter-perl)
  file(GLOB grammar_sources ${grammars}/${folder}/src/parser.c ${grammars}/${folder}/src/scanner.c)
  set_source_files_properties(${grammar_sources} PROPERTIES INCLUDE_DIRECTORIES "${grammars}/${folder}/src" COMPILE_OPTIONS "-w")
  target_sources(tree_sitter PRIVATE ${grammar_sources})
endforeach()
set_target_properties(tree_sitter PROPERTIES UNITY_BUILD OFF)
target_link_libraries(tree_sitter PUBLIC PkgConfig::ts)
