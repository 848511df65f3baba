mod documentation;
mod expressions;
