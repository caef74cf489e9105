// Takes the place of the heredoc queues in tree-sitter-perl's scanner, which write past a block of
// one byte and divide by a capacity of zero. Bounded; a full queue drops, an empty one says so.
#undef isdigit
#undef isalpha
#undef isalnum
#undef isspace
#define isdigit(c) iswdigit(c)
#define isalpha(c) iswalpha(c)
#define isalnum(c) iswalnum(c)
#define isspace(c) iswspace(c)

enum { most_heredocs = 64 };

typedef struct {
  int front, size;
  char *data[most_heredocs];
} StringQueue;

static StringQueue *createStringQueue() { return calloc(1, sizeof(StringQueue)); }
static int isStringQueueEmpty(StringQueue *queue) { return queue->size == 0; }
static void enqueueStringQueue(StringQueue *queue, String *item) {
  if (queue->size == most_heredocs) return;
  queue->data[(queue->front + queue->size++) % most_heredocs] = my_strdup(item->data);
}
static char *dequeueStringQueue(StringQueue *queue) {
  if (queue->size == 0) return NULL;
  free(queue->data[queue->front]);
  queue->data[queue->front] = NULL;
  queue->front = (queue->front + 1) % most_heredocs;
  queue->size--;
  return NULL;
}
static const char *front(StringQueue *queue) { return queue->size && queue->data[queue->front] ? queue->data[queue->front] : ""; }
static void deleteStringQueue(StringQueue *queue) {
  while (queue->size) dequeueStringQueue(queue);
  free(queue);
}

typedef struct {
  int front, size;
  bool data[most_heredocs];
} BoolQueue;

static BoolQueue *createBoolQueue() { return calloc(1, sizeof(BoolQueue)); }
static void enqueueBoolQueue(BoolQueue *queue, bool item) {
  if (queue->size == most_heredocs) {  // drops the oldest: indentation flags are never taken out
    queue->front = (queue->front + 1) % most_heredocs;
    queue->size--;
  }
  queue->data[(queue->front + queue->size++) % most_heredocs] = item;
}
static bool dequeueBoolQueue(BoolQueue *queue) {
  if (queue->size == 0) return false;
  const bool item = queue->data[queue->front];
  queue->front = (queue->front + 1) % most_heredocs;
  queue->size--;
  return item;
}
static bool frontBoolQueue(BoolQueue *queue) { return queue->size && queue->data[queue->front]; }
static void deleteBoolQueue(BoolQueue *queue) { free(queue); }
